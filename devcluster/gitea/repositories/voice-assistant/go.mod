module git.daviestechlabs.io/daviestechlabs/voice-assistant

go 1.25
