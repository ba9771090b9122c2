"""MongoDB's commands as calls of the DocumentDB engine, a PostgreSQL extension.

A transaction of several documents is one connection to PostgreSQL in a
REPEATABLE READ transaction: that gives the snapshot and the rule that the
first to commit wins, which MongoDB promises.
"""

import queue
import threading
import time

import bson
import psycopg2
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

TRANSACTION_SECONDS = 5
LOCK_TIMEOUT = "10ms"  # a document that another holds is a conflict, no queue
TRIES = 30

# Documents pass through as they are: only a command's outermost level is read.
RAW = CodecOptions(document_class=RawBSONDocument,
                   uuid_representation=UuidRepresentation.UNSPECIFIED)

SETUP = ("SET search_path TO documentdb_core, documentdb_api,"
         " documentdb_api_catalog, public;"
         "SET documentdb_core.bsonUseEJson TO false")

# SQLSTATE of the engine (they begin with M) or of PostgreSQL: MongoDB's code.
CODES = {"M0001": 2, "M0003": 9, "M0004": 14, "M0008": 26, "M000R": 85,
         "M000S": 86, "M000U": 115, "M00CO": 121, "M001C": 11000,
         "23505": 11000, "23P01": 11000, "40001": 112, "40P01": 112,
         "55P03": 112, "57014": 50}
NOT_FOUND, OTHER, UNKNOWN, GONE, CONFLICT, NO_TRANSACTION, DUPLICATE = (
    43, 8, 59, 91, 112, 251, 11000)
NAMES = {2: "BadValue", 9: "FailedToParse", 26: "NamespaceNotFound",
         NOT_FOUND: "CursorNotFound", 50: "MaxTimeMSExpired",
         UNKNOWN: "CommandNotFound", GONE: "ShutdownInProgress",
         CONFLICT: "WriteConflict", NO_TRANSACTION: "NoSuchTransaction",
         DUPLICATE: "DuplicateKey"}
TRANSIENT = "TransientTransactionError"

# Members of a command that are the gateway's business, not the engine's.
OURS = {"lsid", "txnNumber", "startTransaction", "autocommit", "$clusterTime",
        "$readPreference", "writeConcern", "readConcern", "$db", "apiVersion",
        "apiStrict", "comment"}

WRITES = {"insert", "update", "delete"}
LISTS = {"find": "find", "aggregate": "aggregate",
         "listCollections": "list_collections", "listIndexes": "list_indexes"}
VALUES = {"count": "count_query", "distinct": "distinct_query"}


class Failure(Exception):
    """What a command is answered with when it fails."""

    def __init__(self, code, message, *labels):
        super().__init__(message)
        self.code, self.labels = code, list(labels)

    def reply(self):
        return {"ok": 0.0, "errmsg": str(self), "code": self.code,
                "codeName": NAMES.get(self.code, f"Location{self.code}"),
                **({"errorLabels": self.labels} if self.labels else {})}


def failure_of(error):
    """The Failure for an error of psycopg2."""
    state = error.pgcode or ""
    diag = getattr(error, "diag", None)
    message = (diag.message_primary if diag else None) or str(error)
    if isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError)
                  ) and not state.startswith(("4", "55", "57014", "M")):
        return Failure(GONE, "the engine is gone: " + message.split("\n")[0])
    code = CODES.get(state, OTHER)
    return Failure(code, named(code, message) if code != OTHER
                   else f"{state} {message}")


def named(code, message):
    """Clients look for MongoDB's own name of the error in its text."""
    if code == DUPLICATE and not message.startswith("E11000"):
        return "E11000 duplicate key error: " + message
    return message


def code_of(packed):
    """A write error's code is a SQLSTATE of five characters of six bits."""
    if packed < 1_000_000:
        return packed
    state = "".join(chr((packed >> 6 * i & 63) + 48) for i in range(5))
    return CODES.get(state, DUPLICATE if packed == 319029277 else OTHER)


def row(connection, sql, *arguments):
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return cursor.fetchone()


def document(value):
    return RawBSONDocument(bytes(value), RAW)


def spec_of(command):
    return psycopg2.Binary(bson.encode(
        {name: v for name, v in command.items() if name not in OURS}))


class Pool:
    """Connections to the engine that nobody uses."""

    def __init__(self, dsn):
        self.dsn, self.idle = dsn, queue.LifoQueue()

    def borrow(self):
        while True:
            try:
                connection = self.idle.get_nowait()
            except queue.Empty:
                connection = psycopg2.connect(self.dsn)
                connection.autocommit = True
                connection.cursor().execute(SETUP)
                return connection
            if not connection.closed:
                return connection

    def give_back(self, connection):
        if not connection.closed:
            self.idle.put(connection)

    def forget(self):
        """The engine went away, and with it all that wait here."""
        try:
            while True:
                self.idle.get_nowait().close()
        except queue.Empty:
            pass


class Transaction:
    def __init__(self, pool, number):
        self.pool, self.number = pool, number
        self.born, self.lock = time.monotonic(), threading.Lock()
        self.connection = pool.borrow()
        self.connection.cursor().execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ;"
            f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")

    def end(self, how):
        try:
            self.connection.cursor().execute(how)
        except psycopg2.Error:
            try:
                self.connection.cursor().execute("ROLLBACK")
            except psycopg2.Error:
                self.connection.close()
            raise
        finally:
            self.pool.give_back(self.connection)


class Cursor:
    def __init__(self, database, rest, connection):
        self.database, self.rest = database, rest
        self.connection = connection  # that holds its portal; None: any will do


class Engine:
    def __init__(self, dsn):
        self.pool = Pool(dsn)
        self.guard = threading.Lock()
        self.running = {}   # session: its Transaction
        self.finished = {}  # session: number and end of its last one
        self.cursors = {}

    # ---- commands

    def serve(self, database, name, command):
        if command.get("autocommit") is False:
            return self.in_transaction(database, name, command)
        return self.alone(database, name, command)

    def write(self, connection, database, name, command):
        inside = command.get("autocommit") is False
        twice = None  # the engine remembers writes that may be sent again
        if not inside and "txnNumber" in command:
            twice = f"{command['lsid']['id'].hex()}:{command['txnNumber']}"
        reply = document(row(
            connection, f"SELECT p_result::bytea FROM documentdb_api.{name}"
            "(%s, %s::bytea, NULL, %s)", database, spec_of(command), twice)[0])
        errors = [dict(error) for error in reply.get("writeErrors", ())]
        for error in errors:
            error["code"] = code_of(error.get("code", 0))
            error["errmsg"] = named(error["code"], error.get("errmsg", ""))
            if error["code"] == CONFLICT:  # the whole command's, in MongoDB
                raise Failure(CONFLICT, "WriteConflict: " + error["errmsg"],
                              *([TRANSIENT] if inside else []))
        return {**reply, "writeErrors": errors} if errors else reply

    def first_page(self, connection, database, name, command, may_hold):
        page, rest, held, number = row(
            connection, "SELECT cursorpage::bytea, continuation::bytea,"
            " persistconnection, cursorid FROM"
            f" documentdb_api.{LISTS[name]}_cursor_first_page(%s, %s::bytea)",
            database, spec_of(command))
        if rest is None or not number:
            return document(page), False
        holds = bool(held) and may_hold
        self.cursors[number] = Cursor(database, rest,
                                      connection if holds else None)
        return document(page), holds

    def get_more(self, command, transaction=None):
        number = command["getMore"]
        cursor = self.cursors.get(number)
        if cursor is None:
            raise Failure(NOT_FOUND, f"cursor id {number} not found")
        connection = (transaction.connection if transaction
                      else cursor.connection or self.pool.borrow())
        page, rest = row(
            connection, "SELECT cursorpage::bytea, continuation::bytea FROM"
            " documentdb_api.cursor_get_more(%s, %s::bytea, %s::bytea)",
            cursor.database, spec_of(command), cursor.rest)
        cursor.rest = rest
        if rest is None:
            self.cursors.pop(number, None)
        if not transaction and (rest is None or cursor.connection is None):
            self.pool.give_back(connection)
        return document(page)

    def kill_cursors(self, numbers):
        killed = [n for n in numbers if n in self.cursors]
        for number in killed:
            cursor = self.cursors.pop(number)
            if cursor.connection is not None:
                cursor.connection.close()  # its portal goes with it
        return {"cursorsKilled": killed, "cursorsAlive": [],
                "cursorsNotFound": [n for n in numbers if n not in killed],
                "cursorsUnknown": [], "ok": 1.0}

    def execute(self, connection, database, name, command, may_hold):
        """The reply, and whether a cursor holds the connection now."""
        if name in LISTS:
            return self.first_page(connection, database, name, command,
                                   may_hold)
        if name in WRITES:
            return self.write(connection, database, name, command), False
        if name in VALUES:
            sql = (f"SELECT document::bytea FROM documentdb_api.{VALUES[name]}"
                   "(%s, %s::bytea)")
        elif name == "createIndexes":
            sql = ("SELECT documentdb_api_internal."
                   "create_indexes_non_concurrently(%s, %s::bytea, true)"
                   "::bytea")
        elif name == "create":
            sql = ("SELECT documentdb_api.create_collection_view"
                   "(%s, %s::bytea)::bytea")
        else:
            raise Failure(UNKNOWN, f"no such command: '{name}'")
        reply = document(row(connection, sql, database, spec_of(command))[0])
        # of indexes the engine answers as a shard does
        return reply.get("raw", {}).get("defaultShard", reply), False

    # ---- in and outside of transactions

    def end(self, session, how="ROLLBACK"):
        with self.guard:
            transaction = self.running.pop(session, None)
        if transaction is None:
            return
        with transaction.lock:
            self.finished[session] = (transaction.number, how)
            transaction.end(how)

    def end_quietly(self, session):
        try:
            self.end(session)
        except psycopg2.Error:
            pass

    def finish(self, session, number, how):
        transaction = self.running.get(session)
        if transaction is None or transaction.number != number:
            if how == "COMMIT" and self.finished.get(session) == (number, how):
                return {"ok": 1.0}  # it was sent again
            raise Failure(NO_TRANSACTION, "no such transaction", TRANSIENT)
        try:
            self.end(session, how)
        except psycopg2.Error as error:
            self.finished.pop(session, None)
            failure = failure_of(error)
            if failure.code == CONFLICT:
                failure.labels = [TRANSIENT]
            elif how == "COMMIT":
                failure.labels = ["UnknownTransactionCommitResult"]
            raise failure from error
        return {"ok": 1.0}

    def in_transaction(self, database, name, command):
        session, number = command["lsid"]["id"], command["txnNumber"]
        if name == "commitTransaction":
            return self.finish(session, number, "COMMIT")
        if name == "abortTransaction":
            return self.finish(session, number, "ROLLBACK")
        if command.get("startTransaction"):
            self.end(session)
            self.running[session] = Transaction(self.pool, number)
        transaction = self.running.get(session)
        if transaction is None or transaction.number != number:
            raise Failure(NO_TRANSACTION, "no such transaction", TRANSIENT)
        try:
            with transaction.lock:
                reply = (self.get_more(command, transaction)
                         if name == "getMore"
                         else self.execute(transaction.connection, database,
                                           name, command, False)[0])
        except (psycopg2.Error, Failure) as error:
            failure = error if isinstance(error, Failure) else failure_of(
                error)
            if failure.code == GONE:
                self.pool.forget()
            if failure.code in (CONFLICT, GONE):
                failure.labels = [TRANSIENT]
            self.end_quietly(session)  # any error ends it
            raise failure from error
        if reply.get("writeErrors") or not reply.get("ok"):
            self.end_quietly(session)
        return reply

    def alone(self, database, name, command):
        """MongoDB, too, tries a write again that met another."""
        for attempt in range(TRIES):
            try:
                if name == "getMore":
                    return self.get_more(command)
                return self.once(database, name, command)
            except Failure as failure:
                if failure.code != CONFLICT:
                    raise
            time.sleep(0.002 * (attempt + 1))
        raise Failure(CONFLICT, "WriteConflict", "RetryableWriteError")

    def once(self, database, name, command):
        connection = self.pool.borrow()
        held = False
        try:
            reply, held = self.execute(connection, database, name, command,
                                       True)
            return reply
        except psycopg2.Error as error:
            failure = failure_of(error)
            if failure.code == GONE:
                connection.close()
                self.pool.forget()
                if "txnNumber" in command:
                    failure.labels = ["RetryableWriteError"]
            raise failure from error
        finally:
            if not held:
                self.pool.give_back(connection)

    def reap(self):
        """Transactions of clients that are gone are in everybody's way."""
        while True:
            time.sleep(1)
            old = time.monotonic() - TRANSACTION_SECONDS
            for session, transaction in list(self.running.items()):
                if transaction.born < old:
                    self.end_quietly(session)
