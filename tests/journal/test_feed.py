"""The feed tells everybody everything once, in order."""

from coinport.journal.feed import Feed
from coinport.model.commands import OpenAccount
from coinport.model.events import AccountOpened
from coinport.model.records import Record
from coinport.model.units import ACCOUNT_FIRST, AccountId, Sequence, TimeMs


def opened(sequence: int) -> Record:
    account = AccountId(ACCOUNT_FIRST + sequence)
    return Record(Sequence(sequence), TimeMs(1), OpenAccount(), [AccountOpened(account)])


def test_every_follower_is_told_what_comes_after_it_subscribed() -> None:
    feed = Feed(Sequence(4))
    early: list[Record] = []
    late: list[Record] = []
    feed.subscribe(early.extend)
    feed.publish([opened(5), opened(6)])
    feed.subscribe(late.extend)
    feed.publish([opened(7)])
    assert early == [opened(5), opened(6), opened(7)]
    assert late == [opened(7)]


def test_last_is_known_before_the_followers_are_told() -> None:
    feed = Feed(Sequence(4))
    assert feed.last == 4
    seen: list[int] = []
    feed.subscribe(lambda _: seen.append(feed.last))
    feed.publish([opened(5), opened(6)])
    assert seen == [6]
