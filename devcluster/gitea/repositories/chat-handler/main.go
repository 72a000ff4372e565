// Command chat-handler listens on the subject ai.chat.request.
package main

import "log"

const subject = "ai.chat.request"

func main() {
	log.Printf("listening on %s", subject)
	select {}
}
