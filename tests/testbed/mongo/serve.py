"""SecantusDB with transactions that end after five seconds, as operators of
MongoDB are told to have it (transactionLifetimeLimitSeconds): a writer that
dies inside one is in everybody's way for so long.  It has no option for it."""

import sys

from secantus import server
from secantus.cli import main

LIFETIME_SECONDS = 5.0
_init = server.SecantusDBServer.__init__


def init(self, *arguments, **options):
    options.setdefault("transaction_lifetime_seconds", LIFETIME_SECONDS)
    _init(self, *arguments, **options)


server.SecantusDBServer.__init__ = init
sys.exit(main())
