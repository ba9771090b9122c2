"""gateway.py PORT DSN: MongoDB's wire protocol before the DocumentDB engine.

Debian packages the engine alone.  It says to be the primary of a replica set
of one, since drivers offer sessions and transactions only there.  Without
authentication and TLS: for tests.
"""

import datetime
import socket
import struct
import sys
import threading

import bson
import psycopg2
from bson.raw_bson import RawBSONDocument

from engine import RAW, Engine, Failure, failure_of

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
MORE_TO_COME = 2
CHECKSUM = 1

# Commands that mean nothing here.
NOTHING = {"ping", "endSessions", "killSessions", "refreshSessions"}


class Gateway:
    def __init__(self, port, dsn):
        self.port, self.engine = port, Engine(dsn)

    def hello(self):
        me = f"127.0.0.1:{self.port}"
        return {"ismaster": True, "isWritablePrimary": True, "helloOk": True,
                "setName": "rs0", "setVersion": 1, "hosts": [me],
                "primary": me, "me": me, "secondary": False,
                "maxBsonObjectSize": 1 << 24, "maxWriteBatchSize": 100_000,
                "maxMessageSizeBytes": 48_000_000,
                "localTime": datetime.datetime.now(datetime.timezone.utc),
                "logicalSessionTimeoutMinutes": 30, "minWireVersion": 0,
                "maxWireVersion": 17, "readOnly": False, "ok": 1.0}

    def run(self, command):
        name = next(iter(command))
        if name in ("hello", "isMaster", "ismaster"):
            return self.hello()
        if name in NOTHING:
            return {"ok": 1.0}
        if name == "buildInfo":
            return {"version": "7.0.0", "versionArray": [7, 0, 0, 0],
                    "maxBsonObjectSize": 1 << 24, "ok": 1.0}
        if name == "killCursors":
            return self.engine.kill_cursors(command["cursors"])
        return self.engine.serve(command.get("$db", "admin"), name, command)

    def answer(self, command):
        try:
            return self.run(command)
        except Failure as failure:
            return failure.reply()
        except psycopg2.Error as error:
            return failure_of(error).reply()
        except (KeyError, TypeError, ValueError) as error:
            return Failure(9, f"bad command: {error!r}").reply()

    def reply_to(self, request, opcode, body):
        """The bytes of the answer; none is wanted: empty.  None: hang up."""
        if opcode == OP_QUERY:  # only a driver's first hello
            at = body.index(b"\0", 4) + 9
            reply = bson.encode(self.answer(
                dict(RawBSONDocument(body[at:], RAW))))
            return struct.pack("<iiiiiqii", 36 + len(reply), 1, request,
                               OP_REPLY, 8, 0, 0, 1) + reply
        if opcode != OP_MSG:
            return None
        command, flags = read_command(body)
        reply = bson.encode(self.answer(command))
        if flags & MORE_TO_COME:
            return b""
        return struct.pack("<iiiiIB", 21 + len(reply), 1, request, OP_MSG, 0,
                           0) + reply

    def serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as stream:
            while len(head := stream.read(16)) == 16:
                length, request, _, opcode = struct.unpack("<iiii", head)
                body = stream.read(length - 16)
                if len(body) < length - 16:
                    return
                reply = self.reply_to(request, opcode, body)
                if reply is None:
                    return
                connection.sendall(reply)

    def serve_quietly(self, connection):
        try:
            self.serve(connection)
        except OSError:
            pass  # the client is gone


def read_command(body):
    """The command of an OP_MSG, its sections joined, and its flags."""
    flags, = struct.unpack_from("<I", body)
    at, end = 4, len(body) - (4 if flags & CHECKSUM else 0)
    command, lists = {}, {}
    while at < end:
        kind, size = body[at], struct.unpack_from("<i", body, at + 1)[0]
        at += 1
        if kind == 0:
            command = dict(RawBSONDocument(body[at:at + size], RAW))
        else:
            stop = body.index(b"\0", at + 4)
            lists[body[at + 4:stop].decode()] = bson.decode_all(
                body[stop + 1:at + size], RAW)
        at += size
    return {**command, **lists}, flags


def main():
    gateway = Gateway(int(sys.argv[1]), sys.argv[2])
    threading.Thread(target=gateway.engine.reap, daemon=True).start()
    with socket.create_server(("127.0.0.1", gateway.port),
                              backlog=256) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=gateway.serve_quietly, args=(connection,),
                             daemon=True).start()


main()
