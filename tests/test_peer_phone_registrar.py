"""Registering of the phone peer: challenges, nonces used up and too old, short times, wrong passwords."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.peers.phone import Phone, Refused
from tests.peers.phone.registrar import Registrar
from tests.peers.phone.stand import QUICK

SECRET = {"desk1": "secret"}


@asynccontextmanager
async def desk(password: str = SECRET["desk1"], **registrar: Any) -> AsyncIterator[tuple[Registrar, Phone]]:
    """A registrar and a phone that knows of it."""
    async with (
        Registrar(SECRET, **registrar) as one,
        Phone("desk1", password, server=one.where, timers=QUICK) as phone,
    ):
        yield one, phone


@pytest.mark.parametrize(
    ("algorithm", "qop"), [("MD5", True), ("SHA-256", True), ("MD5", False), ("MD5-sess", True)]
)
async def test_a_phone_proves_itself_and_is_known(algorithm: str, qop: bool) -> None:
    async with desk(algorithm=algorithm, qop=qop) as (registrar, phone):
        assert await phone.register(120) == 120
        assert phone.registered
        assert registrar.contacts["desk1"] == phone.me.contact
        first, second = await phone.register(), await phone.register()
        assert (first, second, registrar.challenges) == (300, 300, 1)
        await phone.unregister()
        assert (registrar.contacts, phone.registered) == ({}, False)
        assert [request.seq for request in registrar.proven] == [2, 3, 4, 5]
        assert len({request.call_id for request in registrar.proven}) == 1


async def test_a_nonce_that_is_too_old_is_exchanged() -> None:
    async with desk(nonce_uses=2) as (registrar, phone):
        for _ in range(5):
            await phone.register()
        assert (registrar.stale, registrar.challenges) == (2, 3)
        registrar.forget_nonces()
        await phone.register()
        assert registrar.stale == 3


async def test_a_wrong_password_is_refused_after_two_tries() -> None:
    async with desk("wrong") as (registrar, phone):
        with pytest.raises(Refused) as refused:
            await phone.register()
        assert (refused.value.status, registrar.challenges, phone.registered) == (401, 2, False)


async def test_a_time_that_is_too_short_is_made_longer() -> None:
    async with desk(at_least_s=600) as (_, phone):
        assert await phone.register(60) == 600


async def test_a_registration_is_renewed_before_it_is_over() -> None:
    async with desk() as (registrar, phone):
        await phone.register(1)
        await phone.wait_for(lambda: len(registrar.proven) >= 2)


async def test_a_call_is_proven_too() -> None:
    async with desk(status=486) as (registrar, phone):
        call = await phone.dial("1#*")
        await call.ended()
        assert call.status == 486
        (invite,) = registrar.proven
        host, port = registrar.where
        assert (invite.uri, invite.seq) == (f"sip:1%23*@{host}:{port}", 2)
        assert invite.caller.uri.number == "desk1"


async def test_a_phone_can_be_the_provider_that_a_trunk_registers_at() -> None:
    registrar = Registrar(SECRET)
    async with (
        Phone("provider", registrar=registrar, timers=QUICK) as provider,
        Phone("desk1", "secret", server=provider.where, timers=QUICK) as trunk,
    ):
        await trunk.register()
        call = await provider.dial(str(registrar.contacts["desk1"]), number="+15551230001")
        await call.answered()
        assert (await trunk.rung()).caller_number == "+15551230001"
        out = await trunk.dial("+15559870002")
        await out.answered()
        came = await provider.rung()
        assert came.invite is not None
        assert came.invite.uri.startswith("sip:+15559870002@")


async def test_nobody_at_the_server_is_said() -> None:
    async with Registrar(SECRET) as registrar:
        gone = registrar.where
    async with Phone("desk1", "secret", server=gone, timers=QUICK) as phone:
        with pytest.raises(Refused) as refused:
            await phone.register()
        assert refused.value.status == 408
    async with Phone("desk1") as phone:
        with pytest.raises(ValueError, match="without a server"):
            await phone.register()
