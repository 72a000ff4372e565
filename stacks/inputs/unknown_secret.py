"""Secrets that a run does not have."""

import asyncio

import pulumi


def unknown_secret() -> pulumi.Output[str]:
    """A secret whose value is unknown: in place of one that a preview is run without, as in a pull request's CI."""

    def settled(value: bool) -> "asyncio.Future[bool]":
        future: asyncio.Future[bool] = asyncio.Future()
        future.set_result(value)
        return future

    nothing: asyncio.Future[str] = asyncio.Future()
    nothing.set_result("")
    return pulumi.Output(set(), nothing, settled(False), settled(True))
