module git.daviestechlabs.io/daviestechlabs/chat-handler

go 1.25
