"""Making the read models anew from the journal."""

import os
from pathlib import Path

from coinport.app.config_sources import load
from coinport.app.wiring import open_readmodels
from coinport.journal.layout import journal_in
from coinport.journal.log import FileLog
from coinport.readmodels.projector import Projector


def rebuild_readmodels(directory: Path, config_file: Path | None) -> int:
    """How many records were read. Raises JournalLocked where the exchange runs, and what else
    `cli.failures` lists."""
    settings = load(config_file, os.environ, {})
    log = FileLog(journal_in(directory), settings.journal.segment_bytes)
    try:
        database = open_readmodels(directory, settings)
        try:
            Projector(database, log).rebuild()
        finally:
            database.dispose()
    finally:
        log.close()
    return log.last
