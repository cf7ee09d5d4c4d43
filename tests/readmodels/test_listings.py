from coinport.engine.rulebook import Rulebook
from coinport.readmodels.live import LiveViews
from coinport.readmodels.projector import Projector
from tests.readmodels.stage import Tape, act, decoded, live_views
from tests.scenario import play
from tests.world import World

BEGINNING = """
admin lists LTC with 6 decimals
admin lists LTC-BTC with prices to 0.01 and amounts to 0.0001, minimum 0.001 or that of BTC-USD
"""
CHANGES = """
admin halts LTC-BTC
admin opens BTC-USD
admin charges makers 0.1% and takers 0.2% in LTC-BTC
admin allows prices within 50% in BTC-USD
"""


def same(live: LiveViews, world: World) -> bool:
    listings, saved = live.listings.listings, world.look()
    markets, currencies = listings.markets.values(), listings.currencies.values()
    return (list(markets), list(currencies)) == (list(saved.markets), list(saved.currencies))


def test_listings_are_as_the_engine_has_them(database):
    stage = act(database, BEGINNING + CHANGES)
    assert same(stage.live, stage.world)
    assert stage.live.listings.listings.market_of == {"BTC-USD": 1, "LTC-BTC": 2}


def test_a_change_of_a_listing_holds_at_once_and_after_a_restart(database):
    world = play(BEGINNING + CHANGES, Rulebook)
    begun = len(play(BEGINNING, Rulebook).records)
    Projector(database, Tape(world.records[:begun])).start()
    projector = Projector(database, Tape(world.records))
    live = live_views(database, 0)
    listings = live.listings.listings
    assert not same(live, world)
    for record in decoded(world.records[begun:]):
        live.apply([record])
    assert same(live, world)
    assert live.listings.listings is listings
    projector.start()
    assert same(live_views(database, 0), world)
