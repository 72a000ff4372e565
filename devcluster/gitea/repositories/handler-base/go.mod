module git.daviestechlabs.io/daviestechlabs/handler-base

go 1.25
