"""Every service of the house, made from the settings in the order in which they stand on each other."""

import msgspec
from msgspec.structs import asdict

from brutal_patches.accounts.attempts import Attempts
from brutal_patches.accounts.authentication import Authentication
from brutal_patches.accounts.mail import Mailer
from brutal_patches.accounts.passwords import Passwords
from brutal_patches.accounts.refreshing import RefreshTokens
from brutal_patches.accounts.revocations import Revocations
from brutal_patches.accounts.service import Accounts, Limits
from brutal_patches.accounts.sessions import Sessions
from brutal_patches.accounts.standing import Standings
from brutal_patches.accounts.tokens import AccessTokens
from brutal_patches.activity.doings import Doings
from brutal_patches.activity.feeds import Feeds
from brutal_patches.admin.exports import Exports
from brutal_patches.admin.figures import Figures
from brutal_patches.admin.journal import Journals
from brutal_patches.admin.patching import Patching
from brutal_patches.admin.people.service import People
from brutal_patches.admin.service import Administration
from brutal_patches.admin.upkeep import Upkeep
from brutal_patches.audit.refusals import Refusals
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.catalogue.reading import Reading
from brutal_patches.clock import Clock
from brutal_patches.collections.service import Collections
from brutal_patches.feedback.comments import Comments
from brutal_patches.feedback.moderating import Moderating
from brutal_patches.feedback.recounting import Recounting
from brutal_patches.feedback.reports import Reports
from brutal_patches.feedback.votes import Votes
from brutal_patches.feedback.withdrawing import Withdrawing
from brutal_patches.http.cursors import Cursors
from brutal_patches.http.switches import Switches
from brutal_patches.pages.showing import Showing
from brutal_patches.pages.site import Site
from brutal_patches.patches.listing import OwnPatches
from brutal_patches.patches.parting import Parting
from brutal_patches.patches.service import Patches
from brutal_patches.privacy.belongings import Gathering
from brutal_patches.privacy.leaving import Leaving
from brutal_patches.settings import Settings
from brutal_patches.sheets.drawings import Drawings
from brutal_patches.sheets.panels import Panels
from brutal_patches.sheets.rendering import Rendering
from brutal_patches.storage.table import Table
from brutal_patches.watching import Watch


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who people are, and what all tasks obey."""

    table: Table
    clock: Clock
    switches: Switches
    passwords: Passwords
    revocations: Revocations
    authentication: Authentication
    sessions: Sessions
    accounts: Accounts
    standings: Standings


class Players(Identity, frozen=True, kw_only=True):
    """What players do with patches."""

    patches: Patches
    own: OwnPatches
    feeder: Feeder
    reading: Reading
    collections: Collections
    votes: Votes
    comments: Comments
    reports: Reports
    moderating: Moderating
    doings: Doings
    feeds: Feeds
    drawings: Drawings
    panels: Panels
    showing: Showing
    site: Site


class Parts(Players, frozen=True, kw_only=True):
    """Everything; handlers ask for what they need by the names of these fields."""

    leaving: Leaving
    gathering: Gathering
    recounting: Recounting
    administration: Administration
    people: People
    figures: Figures
    journals: Journals
    exports: Exports
    patching: Patching
    upkeep: Upkeep


def assemble(
    settings: Settings,
    table: Table,
    mailer: Mailer,
    clock: Clock,
    watch: Watch | None = None,
    refusals: Refusals | None = None,
) -> Parts:
    """The services on an open table."""
    watch = watch or Watch()
    identity = _identity(settings, table, mailer, clock, watch, refusals or Refusals(watch))
    players = _players(settings, identity, watch)
    recounting = Recounting(table, clock)
    standings, collections, feeder = players.standings, players.collections, players.feeder
    withdrawing = Withdrawing(table, players.votes, players.reports)
    leaving = Leaving(players.accounts, standings, Parting(table, clock), withdrawing, collections)
    return Parts(
        **asdict(players),
        leaving=leaving,
        gathering=Gathering(
            table, clock, players.accounts, standings, players.sessions, players.patches, players.own, collections
        ),
        recounting=recounting,
        administration=Administration(table, clock, feeder, players.switches),
        people=People(standings, leaving, feeder),
        figures=Figures(table, clock, standings, collections, feeder),
        journals=Journals(table, clock),
        exports=Exports(table, clock, standings, collections, feeder),
        patching=Patching(table, clock, players.moderating, feeder),
        upkeep=Upkeep(table, clock, feeder, recounting, leaving),
    )


def _secrets(settings: Settings) -> list[str]:
    return [settings.auth.jwt_secret, settings.auth.jwt_previous_secret]


def _identity(
    settings: Settings, table: Table, mailer: Mailer, clock: Clock, watch: Watch, refusals: Refusals
) -> Identity:
    tokens = AccessTokens(_secrets(settings), settings.auth.access_seconds, clock)
    revocations = Revocations(table, clock, settings.auth.access_seconds)
    refreshing = RefreshTokens(_secrets(settings))
    life = settings.auth.session_seconds
    sessions = Sessions(table, clock, tokens, refreshing, revocations, life, refusals, watch)
    passwords = Passwords(watch=watch, idle=settings.auth.hashing_priority == "idle")
    switches = Switches(table, clock)
    limits = Limits.scaled(settings.http.rate_max)
    accounts = Accounts(
        table, clock, passwords, sessions, Attempts(table, clock), mailer, settings.http.public_url, limits, switches
    )
    return Identity(
        table=table,
        clock=clock,
        switches=switches,
        passwords=passwords,
        revocations=revocations,
        authentication=Authentication(table, tokens, revocations, clock, refusals, watch),
        sessions=sessions,
        accounts=accounts,
        standings=Standings(table, clock, sessions),
    )


def _players(settings: Settings, identity: Identity, watch: Watch) -> Players:
    table, clock = identity.table, identity.clock
    cursors = Cursors(_secrets(settings), clock)
    patches = Patches(table, clock)
    feeder = Feeder(table, clock, watch=watch)
    collections = Collections(table, clock, patches, settings.http.public_url)
    comments = Comments(table, clock, patches, cursors)
    reading, drawings = Reading(feeder, patches, cursors, clock, watch), Drawings(Rendering())
    return Players(
        **asdict(identity),
        patches=patches,
        own=OwnPatches(table, cursors),
        feeder=feeder,
        reading=reading,
        collections=collections,
        votes=Votes(table, clock, patches),
        comments=comments,
        reports=Reports(table, clock, patches, comments),
        moderating=Moderating(table, clock, identity.standings),
        doings=Doings(identity.standings, feeder, collections, comments, cursors),
        feeds=Feeds(feeder, settings.http.public_url),
        drawings=drawings,
        panels=Panels(drawings, clock, settings.http.public_url),
        showing=Showing(reading, drawings, settings.http.public_url),
        site=Site(reading, collections, settings.http.public_url),
    )
