// Command voice-assistant listens on the subject ai.voice.request.
package main

import "log"

const subject = "ai.voice.request"

func main() {
	log.Printf("listening on %s", subject)
	select {}
}
