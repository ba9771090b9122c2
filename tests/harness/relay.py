"""Between a store's plugin and its server: cuts, holds and drops messages.

Bytes are taken apart into the messages of PostgreSQL's or MongoDB's protocol,
so that a fault hits what a test means: any message of either side, the one
that asks to commit, or the answer to it.  What was not forwarded has not
arrived; when the answer to a commit is hit, the commit has happened.
"""

import asyncio
import random
import struct
import threading
from typing import NamedTuple

REQUEST, ANSWER, COMMIT, COMMITTED = "request", "answer", "commit", "committed"


class Fault(NamedTuple):
    """What happens to a message, once: the first of its kind behind `skip`
    others."""

    at: str  # REQUEST, ANSWER, COMMIT or COMMITTED
    do: str  # one of ACTS
    skip: int = 0


class Postgres:
    """The frontend/backend protocol 3; the server has no TLS."""

    SSL_REQUEST = struct.pack(">II", 8, 80877103)

    def __init__(self):
        self.begun = self.wants_tls = False
        self.names = {}  # statements that are COMMIT; True: just prepared

    def cut(self, data, from_client):
        """How long the first message is; None: not all of it is there."""
        if self.wants_tls and not from_client:
            self.wants_tls = False
            return 1  # the server's no
        at = 1 if self.begun or not from_client else 0
        if len(data) < at + 4:
            return None
        length = at + struct.unpack_from(">I", data, at)[0]
        return length if len(data) >= length else None

    def asks_to_commit(self, message):
        if not self.begun:
            self.wants_tls = message == self.SSL_REQUEST
            self.begun = not self.wants_tls
            return False
        kind, texts = message[:1], message[5:].split(b"\0")
        if kind == b"P" and texts[1] == b"COMMIT":
            self.names[texts[0]] = True
            return True
        if kind == b"B" and texts[1] in self.names:
            begun, self.names[texts[1]] = self.names[texts[1]], False
            return not begun
        return kind == b"Q" and texts[0] == b"COMMIT"

    def has_committed(self, message):
        return message[:1] == b"C" and message[5:] == b"COMMIT\0"


class Mongo:
    """OP_MSG, not compressed."""

    OP_MSG = 2013

    def __init__(self):
        self.asked = set()  # requests that commit

    def cut(self, data, _from_client):
        if len(data) < 4:
            return None
        length = struct.unpack_from("<I", data)[0]
        return length if len(data) >= length else None

    def asks_to_commit(self, message):
        _, number, _, code = struct.unpack_from("<IIII", message)
        # header, flags, kind of section, length, type of the first element
        first = message[26:].split(b"\0", 1)[0]
        if code != self.OP_MSG or first != b"commitTransaction":
            return False
        self.asked.add(number)
        return True

    def has_committed(self, message):
        to = struct.unpack_from("<I", message, 8)[0]
        if to not in self.asked:
            return False
        self.asked.remove(to)
        return True


LANGUAGES = {"postgres": Postgres, "mongo": Mongo}


class Side:
    """One direction of a connection."""

    def __init__(self, relay, language, streams, from_client):
        self.relay, self.language = relay, language
        self.reader, self.writer, self.back = streams
        self.from_client = from_client

    async def run(self):
        data = b""
        while more := await self.reader.read(65536):
            data += more
            while length := self.language.cut(data, self.from_client):
                message, data = data[:length], data[length:]
                if not await self.pass_on(message):
                    return
        if self.writer.can_write_eof():
            self.writer.write_eof()

    def kinds(self, message):
        if self.from_client:
            yield REQUEST
            if self.language.asks_to_commit(message):
                yield COMMIT
        else:
            yield ANSWER
            if self.language.has_committed(message):
                yield COMMITTED

    async def pass_on(self, message):
        """False: no more comes this way."""
        act = self.relay.choose(list(self.kinds(message)))
        if act is not None:
            return await ACTS[act](self, message)
        self.writer.write(message)
        await self.writer.drain()
        return True

    def abort(self):
        self.writer.transport.abort()
        self.back.transport.abort()
        return False


async def cut(side, _message):
    """It does not arrive, and the connection is gone."""
    return side.abort()


async def tear(side, message):
    """A part of it arrives, then the connection is gone."""
    side.writer.write(message[:side.relay.dice.randrange(len(message))])
    await side.writer.drain()
    side.writer.close()
    side.back.transport.abort()
    return False


async def half_close(side, _message):
    """It does not arrive; who waits for it sees the end of the stream, and
    may go on talking."""
    side.writer.write_eof()
    return False


async def swallow(side, _message):
    """It does not arrive, nor does anything behind it, and nobody is told."""
    del side
    return await asyncio.Event().wait()


async def delay(side, message):
    """It arrives late."""
    await asyncio.sleep(side.relay.delay)
    side.writer.write(message)
    return True


async def hold(side, message):
    """It arrives when release() is called."""
    await side.relay.gate.wait()
    side.writer.write(message)
    return True


async def lose(side, _message):
    """It does not arrive; the connection is gone when release() is called."""
    await side.relay.gate.wait()
    return side.abort()


ACTS = {act.__name__: act
        for act in (cut, tear, half_close, swallow, delay, hold, lose)}


class Relay:
    """Listens on a port of its own and forwards to another."""

    def __init__(self, language, to_port, seed=0, delay=0.2):
        self.language, self.to_port = LANGUAGES[language], to_port
        self.dice, self.delay = random.Random(seed), delay
        self.lock = threading.Lock()
        self.armed, self.done = [], []
        self.rate, self.acts = 0.0, ()
        self.closed = False  # to new connections
        self.loop = asyncio.new_event_loop()
        self.gate = asyncio.Event()
        self.tasks = set()
        self.server = self.loop.run_until_complete(asyncio.start_server(
            self.serve, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(
            target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def url(self, url):
        """The server's URL, by way of the relay."""
        return url.replace(f"127.0.0.1:{self.to_port}",
                           f"127.0.0.1:{self.port}")

    # ---- what a test says

    def arm(self, *faults):
        """Each happens once; is_done() when all have."""
        with self.lock:
            self.armed += [[fault, fault.skip] for fault in faults]

    def storm(self, rate, acts):
        """From now on so large a share of messages meets one of the acts; a
        commit and its answer thirty times as often.  Nothing stops without
        an end in the middle of a flight of requests: a network that does is
        noticed by probes."""
        with self.lock:
            self.rate, self.acts = rate, acts

    def is_done(self):
        return not self.armed

    def release(self):
        """Let go what is held, and hold no more."""
        self.loop.call_soon_threadsafe(self.gate.set)

    def close(self):
        async def end():
            self.server.close()
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(20)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    # ---- the loop's

    def choose(self, kinds):
        """The act that a message of these kinds meets; None: it passes."""
        with self.lock:
            for waiting in self.armed:
                fault, skip = waiting
                if fault.at not in kinds:
                    continue
                if skip == 0:
                    self.armed.remove(waiting)
                    self.done.append(fault)
                    return fault.do
                waiting[1] -= 1
            rate = self.rate * (30 if len(kinds) > 1 else 1)
            if not self.acts or self.dice.random() >= rate:
                return None
            act = self.dice.choice(self.acts)
            if act == "swallow" and kinds == [REQUEST]:
                act = "cut"  # the rest of a flight may be there already
            self.done.append(Fault(kinds[-1], act))
            return act

    async def serve(self, reader, writer):
        if self.closed:
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.transport.abort()
            return
        language = self.language()
        sides = [
            Side(self, language, (reader, there[1], writer), True),
            Side(self, language, (there[0], writer, there[1]), False)]
        tasks = [self.loop.create_task(side.run()) for side in sides]
        self.tasks.update(tasks)
        try:
            await asyncio.gather(*tasks)
        except (OSError, asyncio.CancelledError):
            pass
        for task in tasks:
            task.cancel()
        self.tasks.difference_update(tasks)
        writer.transport.abort()
        there[1].transport.abort()
