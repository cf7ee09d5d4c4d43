import asyncio

import pytest
from sqlalchemy import text

from coinport.identity.errors import InvalidField, SecretsUnreadable, TooManyTokens
from coinport.identity.tokens import TOKENS_MAX, Tokens, allows

READ = frozenset({"read"})


@pytest.fixture
def tokens(database, box, clock) -> Tokens:
    return Tokens(database, box, clock)


async def create(tokens: Tokens, account: int, name: str = "", ip_allow=(), permissions=READ):
    return await tokens.create(account, name, permissions, ip_allow, md5=True)


def test_a_token_is_found_with_all_that_was_said_of_it(tokens, register, clock):
    async def scenario():
        ann = await register("ann@example.com")
        both = frozenset({"read", "trade"})
        new = await tokens.create(ann.account, "bot", both, ["192.0.2.0/24", "::1"], md5=False)
        assert tokens.cached(new.token) is None
        found = await tokens.find(new.token)
        assert (found.token, found.secret.decode()) == (new.token, new.secret)
        assert (found.account, found.name, found.permissions) == (ann.account, "bot", both)
        assert (found.ip_allow, found.md5) == (("192.0.2.0/24", "::1"), False)
        assert found.created_ms == clock()
        assert tokens.cached(new.token) is found

    asyncio.run(scenario())


def test_tokens_and_secrets_are_random_and_long_enough(tokens, register):
    async def scenario():
        ann = await register("ann@example.com")
        made = [await create(tokens, ann.account) for _ in range(10)]
        assert len({each.token for each in made} | {each.secret for each in made}) == 20
        assert all(len(each.secret) * 4 >= 128 for each in made)

    asyncio.run(scenario())


@pytest.mark.parametrize("token", ["", "0" * 32, "x", "\ud800", "0" * 32 + "\n", "' OR 1=1 --"])
def test_an_unknown_token_is_not_found(tokens, token):
    assert asyncio.run(tokens.find(token)) is None
    assert tokens.cached(token) is None


def test_the_secret_is_shown_once_and_is_nowhere_in_clear(tokens, register, database):
    async def scenario():
        new = await create(tokens, (await register("ann@example.com")).account)
        token = await tokens.find(new.token)
        stored = await database.read(
            lambda c: c.execute(text("SELECT hex(secret), secret FROM tokens")).all()
        )
        for shown in (stored, await tokens.of(token.account), token, new):
            assert new.secret not in repr(shown)
            assert new.secret.encode().hex().upper() not in repr(shown)

    asyncio.run(scenario())


def test_a_secret_moved_to_another_token_does_not_open(tokens, register, database):
    """Who can write to the database cannot give a token a secret that he knows."""

    async def scenario():
        ann, eve = await register("ann@example.com"), await register("eve@example.com")
        of_ann, of_eve = await create(tokens, ann.account), await create(tokens, eve.account)
        swap = "UPDATE tokens SET secret = (SELECT secret FROM tokens WHERE token = :known)"
        await database.write(lambda c: c.execute(text(swap), {"known": of_eve.token}))
        assert await tokens.find(of_eve.token) is not None
        with pytest.raises(SecretsUnreadable):
            await tokens.find(of_ann.token)

    asyncio.run(scenario())


def test_an_account_lists_its_own_tokens_newest_first(tokens, register, clock):
    async def scenario():
        ann, bob = await register("ann@example.com"), await register("bob@example.com")
        made = []
        for name in ("first", "second"):
            made.append(await create(tokens, ann.account, name))
            clock.advance(seconds=1)
        await create(tokens, bob.account)
        listed = await tokens.of(ann.account)
        assert [(each.token, each.name) for each in listed] == [
            (made[1].token, "second"),
            (made[0].token, "first"),
        ]

    asyncio.run(scenario())


def test_a_deleted_token_is_refused_at_once_and_only_its_owner_can_delete_it(tokens, register):
    async def scenario():
        ann, eve = await register("ann@example.com"), await register("eve@example.com")
        new = await create(tokens, ann.account)
        assert await tokens.find(new.token) is not None
        assert await tokens.delete(eve.account, new.token) is False
        assert tokens.cached(new.token) is not None
        assert await tokens.delete(ann.account, new.token) is True
        assert tokens.cached(new.token) is None
        assert await tokens.find(new.token) is None
        assert await tokens.delete(ann.account, new.token) is False

    asyncio.run(scenario())


def test_a_token_that_is_read_while_it_is_deleted_does_not_stay(tokens, register):
    async def scenario():
        ann = await register("ann@example.com")
        for _ in range(20):
            new = await create(tokens, ann.account)
            await asyncio.gather(tokens.delete(ann.account, new.token), tokens.find(new.token))
            assert tokens.cached(new.token) is None

    asyncio.run(scenario())


def test_the_memory_is_bounded(tokens, register, monkeypatch, database, box, clock):
    monkeypatch.setattr("coinport.identity.tokens.CACHED_MAX", 2)
    tokens = Tokens(database, box, clock)

    async def scenario():
        ann = await register("ann@example.com")
        made = [await create(tokens, ann.account) for _ in range(3)]
        for each in made:
            await tokens.find(each.token)
        assert [tokens.cached(each.token) is not None for each in made] == [False, True, True]

    asyncio.run(scenario())


def test_an_account_has_at_most_fifty_tokens_even_if_it_asks_for_many_at_once(tokens, register):
    async def scenario():
        ann, bob = await register("ann@example.com"), await register("bob@example.com")
        results = await asyncio.gather(
            *[create(tokens, ann.account) for _ in range(TOKENS_MAX + 5)], return_exceptions=True
        )
        assert sum(isinstance(each, TooManyTokens) for each in results) == 5
        assert len(await tokens.of(ann.account)) == TOKENS_MAX
        await create(tokens, bob.account)
        await tokens.delete(ann.account, (await tokens.of(ann.account))[0].token)
        await create(tokens, ann.account)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("field", "terms"),
    [
        ("permissions", {"permissions": frozenset()}),
        ("permissions", {"permissions": frozenset({"read", "admin"})}),
        ("ip_allow", {"ip_allow": ["example.com"]}),
        ("ip_allow", {"ip_allow": ["192.0.2.1/24"]}),
        ("ip_allow", {"ip_allow": ["10.0.0.0/8,0.0.0.0/0"]}),
        ("ip_allow", {"ip_allow": [""]}),
        ("ip_allow", {"ip_allow": ["192.0.2.1"] * 21}),
        ("name", {"name": "x" * 65}),
        ("name", {"name": "a\nb"}),
    ],
)
def test_unusable_terms_are_refused_by_name(tokens, register, field, terms):
    async def scenario():
        await create(tokens, (await register("ann@example.com")).account, **terms)

    with pytest.raises(InvalidField) as refusal:
        asyncio.run(scenario())
    assert refusal.value.field == field


def test_a_token_works_from_the_addresses_it_allows(tokens, register):
    allowed = ["192.0.2.1", "198.51.100.0/24", "2001:db8::/32"]

    async def scenario():
        ann = await register("ann@example.com")
        bound = await tokens.find((await create(tokens, ann.account, ip_allow=allowed)).token)
        free = await tokens.find((await create(tokens, ann.account)).token)
        return bound, free

    bound, free = asyncio.run(scenario())
    assert bound.ip_allow == tuple(allowed)
    for address in ("192.0.2.1", "::ffff:192.0.2.1", "198.51.100.77", "2001:db8:5::1"):
        assert allows(bound, address)
    for address in ("192.0.2.2", "2001:db9::1", "::ffff:192.0.2.2", "", "testclient"):
        assert not allows(bound, address)
        assert allows(free, address)
