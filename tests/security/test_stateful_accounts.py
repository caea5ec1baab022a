"""Accounts against a model: who may log in with what, which session goes on, which token still holds."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from brutal_patches.accounts import store
from brutal_patches.actor import SYSTEM
from brutal_patches.cli.engine import Engine
from tests.security.stateful import SIZE, Machine

NAMES = st.sampled_from(["ada", "Ada", "robin", "ROBIN", "mora"])
EMAILS = st.sampled_from(["a@example.com", "A@Example.com", "b@example.com", "c@example.com", "d@example.com"])
PASSWORDS = st.sampled_from(["seven knobs at noon", "eight knobs at dusk", "ключ к фильтру"])
_WRONG = "nobody's password"
PICK = st.integers(0, 99)


@dataclass
class Person:
    """What the model knows of an account."""

    name: str
    email: str
    password: str
    suspended: bool = False


@dataclass
class Device:
    """A login: its tokens of all generations, and what should become of the next request."""

    owner: Person
    access: str
    refreshes: list[str]
    goes_on: bool = True
    access_holds: bool = True
    ended_by: str = field(default="")

    def end(self, why: str) -> None:
        self.goes_on = self.access_holds = False
        self.ended_by = self.ended_by or why


class Accounts(Machine):
    """Registers, logs in and out, refreshes, steals, changes, suspends."""

    def __init__(self) -> None:
        super().__init__()
        self.people: dict[str, Person] = {}
        self.devices: list[Device] = []

    def of(self, person: Person) -> list[Device]:
        return [device for device in self.devices if device.owner is person]

    def a_person(self, pick: int) -> Person:
        return list(self.people.values())[pick % len(self.people)]

    def a_device(self, pick: int) -> Device:
        return self.devices[pick % len(self.devices)]

    def from_device(self, device: Device, method: str, path: str, body: object = None) -> Any:
        return self.ask(self.visitor({"access_token": device.access}), method, path, body)

    @rule(name=NAMES, email=EMAILS, password=PASSWORDS)
    def register(self, name: str, email: str, password: str) -> None:
        sent = {"username": name, "email": email, "password": password}
        status = self.ask(self.visitor(), "POST", "/api/users/create", sent).status_code
        emails = {person.email.lower() for person in self.people.values()}
        taken = name.lower() in self.people or email.lower() in emails
        assert (409 if taken else 201) == status
        if not taken:
            self.people[name.lower()] = Person(name, email, password)

    @initialize()
    def begin(self) -> None:
        """So that a few steps suffice for what takes two people, or two devices."""
        self.register("ada", "a@example.com", "seven knobs at noon")
        self.register("robin", "b@example.com", "eight knobs at dusk")
        for pick in (0, 0, 1):
            self.log_in(pick, right=True)

    @precondition(lambda self: self.people)
    @rule(pick=PICK, right=st.booleans())
    def log_in(self, pick: int, right: bool) -> None:
        person = self.a_person(pick)
        sent = {"username": person.name.swapcase(), "password": person.password if right else _WRONG}
        answer = self.ask(self.visitor(), "POST", "/api/auth/login", sent)
        assert (401 if not right else 403 if person.suspended else 200) == answer.status_code
        if answer.status_code == 200:
            told = answer.json()
            self.devices.append(Device(person, told["access_token"], [told["refresh_token"]]))

    @precondition(lambda self: self.devices)
    @rule(pick=PICK)
    def refresh(self, pick: int) -> None:
        device = self.a_device(pick)
        answer = self.ask(self.visitor(), "POST", "/api/auth/refresh", {"refresh_token": device.refreshes[-1]})
        assert (200 if device.goes_on else 401) == answer.status_code, device.ended_by
        if device.goes_on:
            device.access, device.access_holds = answer.json()["access_token"], True
            device.refreshes.append(answer.json()["refresh_token"])

    @precondition(lambda self: any(len(device.refreshes) > 1 for device in self.devices))
    @rule(pick=PICK, wait=st.sampled_from([0, 60]))
    def use_an_old_token(self, pick: int, wait: int) -> None:
        used = [device for device in self.devices if len(device.refreshes) > 1]
        device = used[pick % len(used)]
        # Within ten seconds an answer may have been lost; after that it is a theft.
        self.clock.moment += timedelta(seconds=wait)
        at = self.clock.moment
        answer = self.ask(self.visitor(), "POST", "/api/auth/refresh", {"refresh_token": device.refreshes[-2]})
        forgiven = device.goes_on and self.rotated_at(device) + 10 >= at.timestamp() + 1
        assert (200 if forgiven else 401) == answer.status_code
        if forgiven:
            assert device.refreshes[-1] == answer.json()["refresh_token"]
            device.access, device.access_holds = answer.json()["access_token"], True
        else:
            device.end("theft")

    def rotated_at(self, device: Device) -> int:
        session = self.run(store.find_session(self.service.parts.table, device.refreshes[0].partition(".")[0]))
        assert session is not None
        return session.rotated_at

    @precondition(lambda self: self.devices)
    @rule(pick=PICK, everywhere=st.booleans())
    def log_out(self, pick: int, everywhere: bool) -> None:
        device = self.a_device(pick)
        path = "/api/auth/logout-all" if everywhere else "/api/auth/logout"
        assert (204 if device.access_holds else 401) == self.from_device(device, "POST", path).status_code
        if device.access_holds:
            for each in self.of(device.owner) if everywhere else [device]:
                each.end("logout")

    @precondition(lambda self: self.devices)
    @rule(pick=PICK, right=st.booleans(), new=PASSWORDS)
    def change_password(self, pick: int, right: bool, new: str) -> None:
        device = self.a_device(pick)
        sent = {"currentPassword": device.owner.password if right else _WRONG, "newPassword": new}
        status = self.from_device(device, "PUT", "/api/auth/password", sent).status_code
        assert (401 if not device.access_holds else 204 if right else 403) == status
        if status == 204:
            device.owner.password = new
            self.others_end(device)

    @precondition(lambda self: self.devices)
    @rule(pick=PICK, email=EMAILS)
    def change_email(self, pick: int, email: str) -> None:
        device = self.a_device(pick)
        sent = {"email": email, "password": device.owner.password}
        status = self.from_device(device, "PUT", "/api/auth/email", sent).status_code
        held = {person.email.lower() for person in self.people.values() if person is not device.owner}
        assert (401 if not device.access_holds else 409 if email.lower() in held else 200) == status
        if status == 200:
            device.owner.email = email
            self.others_end(device)

    def others_end(self, kept: Device) -> None:
        """This session goes on with its next token; the others do not."""
        for device in self.of(kept.owner):
            if device is not kept:
                device.end("a change elsewhere")
        kept.access_holds = False

    @precondition(lambda self: self.people)
    @rule(pick=PICK, suspend=st.booleans())
    def decide(self, pick: int, suspend: bool) -> None:
        person = self.a_person(pick)
        user_id = self.run(store.find_id(self.service.parts.table, person.name.lower()))
        decision = "suspend" if suspend else "activate"
        self.clock.moment += timedelta(seconds=1)
        self.run(self.service.parts.standings.decide(SYSTEM, str(user_id), decision, "Spam."))
        person.suspended = suspend
        for device in self.of(person):
            device.end(decision)

    @invariant()
    def tokens_hold_as_they_should(self) -> None:
        for device in self.devices[-4:]:
            answer = self.from_device(device, "GET", "/api/users/profile")
            assert (200 if device.access_holds else 401) == answer.status_code, device.ended_by
            if device.access_holds:
                told = answer.json()["user"]
                assert (device.owner.name, device.owner.email.lower()) == (told["username"], told["email"].lower())

    @invariant()
    def sessions_are_listed_as_they_go_on(self) -> None:
        for person in self.people.values():
            holding = next((device for device in self.of(person) if device.access_holds), None)
            if holding:
                listed = self.from_device(holding, "GET", "/api/auth/sessions").json()
                assert sum(device.goes_on for device in self.of(person)) == len(listed)

    @invariant()
    def storage_has_these_people(self) -> None:
        assert len(self.people) == self.run(self.service.parts.standings.count())


def test_accounts_are_as_the_model_has_them(engine: Engine) -> None:
    """Whatever is done to them, in whatever order."""
    Accounts.endpoint = engine.endpoint
    run_state_machine_as_test(Accounts, settings=SIZE)
