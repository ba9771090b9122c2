"""SecantusDB, changed in two ways that it has no options for.  Transactions
end after five seconds, as operators of MongoDB are told to have it
(transactionLifetimeLimitSeconds): a writer that dies inside one is in
everybody's way for so long.  And unless there is --streaming, clients poll the
server's state instead of being sent it: libmongoc takes half a second to close
a pool that is streamed to, and SecantusDB looks 50 times a second whether there
is something to send, which made the tests of this store wait twice as long."""

import sys

from secantus import commands, server
from secantus.cli import main

LIFETIME_SECONDS = 5.0
_init = server.SecantusDBServer.__init__


def init(self, *arguments, **options):
    options.setdefault("transaction_lifetime_seconds", LIFETIME_SECONDS)
    _init(self, *arguments, **options)


def without_version(hello):
    def answer(*arguments):
        reply = hello(*arguments)
        reply.pop("topologyVersion", None)  # who gets one asks for the stream
        return reply
    return answer


server.SecantusDBServer.__init__ = init
if "--streaming" in sys.argv:
    sys.argv.remove("--streaming")
else:
    for name in ("hello", "isMaster", "ismaster"):
        commands._HANDLERS[name] = without_version(commands._HANDLERS[name])
sys.exit(main())
