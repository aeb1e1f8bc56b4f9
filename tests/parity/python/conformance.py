"""Every public method of the official Python SDK against one server, each answer checked.

Usage: conformance.py URL TOKEN [--auth]. Prints one JSON object: {"passed": [...], "failed":
{case: reason}, "uncalled": [...]}. Started by test/python-sdk.test.ts; asks nothing but the
standard library and s2_sdk. With --auth the server checks tokens and their scopes.
"""

import asyncio
import functools
import inspect
import json
import sys
import traceback
from datetime import datetime, timedelta, timezone

import s2_sdk
from s2_sdk import (
    AccessTokenScope,
    AccountMetricSet,
    AppendInput,
    BasinConfig,
    BasinMetricSet,
    Batching,
    CommandRecord,
    Compression,
    Encryption,
    Endpoints,
    EnsureStatus,
    ExactMatch,
    FencingTokenMismatchError,
    MetricUnit,
    Operation,
    OperationGroupPermissions,
    Permission,
    PrefixMatch,
    ReadLimit,
    ReadUnwrittenError,
    Record,
    S2,
    S2ServerError,
    SeqNum,
    SeqNumMismatchError,
    StreamConfig,
    StreamMetricSet,
    StreamPosition,
    TailOffset,
    TimeseriesInterval,
    Timestamp,
    Timestamping,
    TimestampingMode,
)

CALLED: set[str] = set()
FACES = ["S2", "S2Basin", "S2Stream", "AppendSession", "Producer", "ReadSession"]


def record_calls() -> set[str]:
    """Notes each call of a public method; answers all there are."""
    known: set[str] = set()
    for face in FACES:
        kind = getattr(s2_sdk, face)
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if name.startswith("_"):
                continue
            label = f"{face}.{name}"
            known.add(label)

            def noted(method=method, label=label):
                @functools.wraps(method)
                def call(*args, **kwargs):
                    CALLED.add(label)
                    return method(*args, **kwargs)

                return call

            setattr(kind, name, noted())
    return known


def equal(got, wanted) -> None:
    if got != wanted:
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


async def fails(awaitable, kind=S2ServerError, code=None):
    try:
        got = await awaitable
    except kind as error:
        if code is not None:
            equal(error.code, code)
        return error
    raise AssertionError(f"succeeded with {got!r}, wanted {kind.__name__} {code}")


def bodies(batch) -> list[bytes]:
    return [record.body for record in batch.records]


class World:
    def __init__(self, url: str, token: str, has_auth: bool) -> None:
        self.url, self.token, self.has_auth = url, token, has_auth
        self.s2 = self.client(token)
        self.counter = 0

    def client(self, token: str, **more) -> S2:
        return S2(token, endpoints=Endpoints(account=self.url, basin=self.url), **more)

    async def stream(self, **config):
        """A fresh stream in a basin of its own name space."""
        self.counter += 1
        basin = self.s2.basin("python-basin")
        await self.s2.ensure_basin("python-basin")
        name = f"stream-{self.counter}"
        await basin.create_stream(name, config=StreamConfig(**config) if config else None)
        return basin.stream(name)


async def basins(world: World) -> None:
    s2 = world.s2
    config = BasinConfig(
        default_stream_config=StreamConfig(
            storage_class="standard",
            retention_policy=86_400,
            timestamping=Timestamping(mode=TimestampingMode.CLIENT_REQUIRE, uncapped=True),
            delete_on_empty_min_age=60,
        ),
        stream_cipher=Encryption.AES_256_GCM,
        create_stream_on_append=True,
    )
    made = await s2.create_basin("python-basins-a", config=config)
    equal((made.name, made.deleted_at), ("python-basins-a", None))
    got = await s2.get_basin_config("python-basins-a")
    equal(got.default_stream_config, config.default_stream_config)
    equal(
        (got.stream_cipher, got.create_stream_on_append, got.create_stream_on_read),
        (Encryption.AES_256_GCM, True, False),
    )
    await fails(s2.create_basin("python-basins-a"), code="resource_already_exists")
    changed = await s2.reconfigure_basin(
        "python-basins-a",
        config=BasinConfig(default_stream_config=StreamConfig(retention_policy="infinite")),
    )
    equal(changed.default_stream_config.retention_policy, "infinite")
    equal(changed.default_stream_config.storage_class, "standard")
    equal(changed.create_stream_on_append, True)
    first = await s2.ensure_basin("python-basins-b")
    equal((first.status, first.basin.name), (EnsureStatus.CREATED, "python-basins-b"))
    equal((await s2.ensure_basin("python-basins-b")).status, EnsureStatus.CONFIG_UNCHANGED)
    other = BasinConfig(create_stream_on_read=True)
    equal((await s2.ensure_basin("python-basins-b", config=other)).status, EnsureStatus.CONFIG_UPDATED)
    page = await s2.list_basins(prefix="python-basins-", limit=1)
    equal(([b.name for b in page.items], page.has_more), (["python-basins-a"], True))
    page = await s2.list_basins(prefix="python-basins-", start_after="python-basins-a")
    equal(([b.name for b in page.items], page.has_more), (["python-basins-b"], False))
    equal(
        [b.name async for b in s2.list_all_basins(prefix="python-basins-")],
        ["python-basins-a", "python-basins-b"],
    )
    await s2.delete_basin("python-basins-b")
    await s2.delete_basin("python-basins-none", ignore_not_found=True)
    await fails(s2.delete_basin("python-basins-none"), code="basin_not_found")
    await fails(s2.get_basin_config("python-basins-none"), code="basin_not_found")
    names = [b.name async for b in s2.list_all_basins(prefix="python-basins-")]
    equal(names, ["python-basins-a"])


async def streams(world: World) -> None:
    await world.s2.create_basin("python-streams")
    basin = world.s2.basin("python-streams")
    equal(basin.name, "python-streams")
    config = StreamConfig(
        storage_class="express",
        retention_policy=3_600,
        timestamping=Timestamping(mode=TimestampingMode.ARRIVAL, uncapped=False),
        delete_on_empty_min_age=5,
    )
    made = await basin.create_stream("a/1", config=config)
    equal((made.name, made.deleted_at, made.cipher), ("a/1", None, None))
    equal(await basin.get_stream_config("a/1"), config)
    await fails(basin.create_stream("a/1"), code="resource_already_exists")
    changed = await basin.reconfigure_stream("a/1", config=StreamConfig(retention_policy="infinite"))
    equal(changed.retention_policy, "infinite")
    equal(changed.timestamping, config.timestamping)
    equal((await basin.ensure_stream("a/2")).status, EnsureStatus.CREATED)
    equal((await basin.ensure_stream("a/2")).status, EnsureStatus.CONFIG_UNCHANGED)
    ensured = await basin.ensure_stream("a/2", config=StreamConfig(retention_policy=60))
    equal((ensured.status, ensured.stream.name), (EnsureStatus.CONFIG_UPDATED, "a/2"))
    await basin.create_stream("日本 ?#%2F")
    page = await basin.list_streams(prefix="a/", limit=1)
    equal(([s.name for s in page.items], page.has_more), (["a/1"], True))
    equal([s.name async for s in basin.list_all_streams()], ["a/1", "a/2", "日本 ?#%2F"])
    equal([s.name async for s in basin.list_all_streams(start_after="a/1", prefix="a")], ["a/2"])
    await basin.delete_stream("a/1")
    equal([s.name async for s in basin.list_all_streams(prefix="a")], ["a/2"])
    gone = [s async for s in basin.list_all_streams(prefix="a/1", include_deleted=True)]
    equal(all(s.deleted_at is not None for s in gone), True)
    await basin.delete_stream("none", ignore_not_found=True)
    await fails(basin.delete_stream("none"), code="stream_not_found")
    await fails(basin.get_stream_config("none"), code="stream_not_found")
    await fails(basin.stream("none").check_tail(), code="stream_not_found")
    await fails(world.s2.basin("python-none").stream("a").check_tail(), code="basin_not_found")


async def unary_records(world: World) -> None:
    stream = await world.stream()
    equal(await stream.check_tail(), StreamPosition(0, 0))
    error = await fails(stream.read(start=SeqNum(0)), ReadUnwrittenError)
    equal(error.tail, StreamPosition(0, 0))
    records = [
        Record(b"one", headers=[(b"k", b"v"), (b"\x00\xff", b"")], timestamp=1_000),
        Record(b"", timestamp=2_000),
        Record(bytes(range(256)), timestamp=3_000),
    ]
    ack = await stream.append(AppendInput(records=records))
    equal((ack.start, ack.end, ack.tail), (StreamPosition(0, 1_000), StreamPosition(3, 3_000), StreamPosition(3, 3_000)))
    equal(await stream.check_tail(), StreamPosition(3, 3_000))
    batch = await stream.read(start=SeqNum(0))
    equal(
        [(r.seq_num, r.timestamp, r.body, r.headers) for r in batch.records],
        [(i, r.timestamp, r.body, r.headers) for i, r in enumerate(records)],
    )
    equal(bodies(await stream.read(start=Timestamp(1_500))), [b"", bytes(range(256))])
    equal(bodies(await stream.read(start=TailOffset(3), limit=ReadLimit(count=1))), [b"one"])
    equal(bodies(await stream.read(start=SeqNum(0), limit=ReadLimit(bytes=40))), [b"one", b""])
    equal(bodies(await stream.read(start=SeqNum(0), until_timestamp=2_000)), [b"one"])
    equal((await stream.read(start=SeqNum(9), clamp_to_tail=True, wait=1)).records, [])
    await fails(stream.read(start=SeqNum(9), clamp_to_tail=True), ReadUnwrittenError)
    await fails(stream.append(AppendInput(records=[Record(b"x")], match_seq_num=7)), SeqNumMismatchError)
    await stream.append(AppendInput(records=[CommandRecord.fence("token")], match_seq_num=3))
    error = await fails(
        stream.append(AppendInput(records=[Record(b"x")], fencing_token="other")),
        FencingTokenMismatchError,
    )
    equal(error.expected_fencing_token, "token")
    await stream.append(AppendInput(records=[CommandRecord.trim(2)], fencing_token="token"))
    for _ in range(100):
        batch = await stream.read(start=SeqNum(0), ignore_command_records=True)
        if [r.seq_num for r in batch.records] == [2]:
            break
        await asyncio.sleep(0.05)
    equal([r.seq_num for r in batch.records], [2])
    raw = await stream.read(start=SeqNum(3))
    equal([r.body for r in raw.records], [b"token", (2).to_bytes(8, "big")])


async def append_sessions(world: World) -> None:
    stream = await world.stream()
    async with stream.append_session(max_unacked_batches=8) as session:
        tickets = [
            await session.submit(AppendInput(records=[Record(b"%d.%d" % (i, j)) for j in range(3)]))
            for i in range(50)
        ]
        acks = [await ticket for ticket in tickets]
    equal([(a.start.seq_num, a.end.seq_num) for a in acks], [(3 * i, 3 * i + 3) for i in range(50)])
    batch = await stream.read(start=SeqNum(0))
    equal(bodies(batch), [b"%d.%d" % (i, j) for i in range(50) for j in range(3)])
    session = stream.append_session()
    big = [Record(bytes([i]) * 900_000) for i in range(8)]
    tickets = [await session.submit(AppendInput(records=[r], match_seq_num=150 + i)) for i, r in enumerate(big)]
    equal([(await t).start.seq_num for t in tickets], list(range(150, 158)))
    await session.close()
    refused = stream.append_session()
    ticket = await refused.submit(AppendInput(records=[Record(b"x")], match_seq_num=0))
    await fails(ticket, SeqNumMismatchError)
    try:
        await refused.close()
    except SeqNumMismatchError:
        pass

    async def generated():
        for i in range(2_500):
            yield Record(b"%d" % i)

    inputs = s2_sdk.append_inputs(generated(), match_seq_num=158)
    async with stream.append_session() as session:
        tickets = [await session.submit(each) async for each in inputs]
        equal((await tickets[-1]).end.seq_num, 158 + 2_500)
    count = 0
    async for group in s2_sdk.append_record_batches(generated(), batching=Batching(max_records=100)):
        equal(len(group) <= 100, True)
        count += len(group)
    equal(count, 2_500)


async def producers(world: World) -> None:
    stream = await world.stream()
    batching = Batching(max_records=7, linger=timedelta(milliseconds=2))
    async with stream.producer(batching=batching, match_seq_num=0) as producer:
        tickets = [await producer.submit(Record(b"%d" % i)) for i in range(100)]
        await producer.flush()
        acks = [await ticket for ticket in tickets]
        equal([a.seq_num for a in acks], list(range(100)))
    equal(bodies(await stream.read(start=SeqNum(0))), [b"%d" % i for i in range(100)])
    await stream.append(AppendInput(records=[CommandRecord.fence("mine")]))
    producer = stream.producer(fencing_token="mine")
    equal((await (await producer.submit(Record(b"in")))).seq_num, 101)
    await producer.close()
    other = stream.producer(fencing_token="theirs")
    await fails(await other.submit(Record(b"out")), FencingTokenMismatchError)
    try:
        await other.close()
    except FencingTokenMismatchError:
        pass


async def read_sessions(world: World) -> None:
    stream = await world.stream()
    count = 2_500
    async with stream.producer() as producer:
        for i in range(count):
            await producer.submit(Record(b"%d" % i, timestamp=1_000 + i))
    seen: list[bytes] = []
    async for batch in stream.read_session(start=SeqNum(0), limit=ReadLimit(count=count)):
        seen += bodies(batch)
    equal(seen, [b"%d" % i for i in range(count)])
    until = stream.read_session(start=Timestamp(1_100), until_timestamp=1_150)
    equal([r.timestamp async for batch in until for r in batch.records], list(range(1_100, 1_150)))
    waited = stream.read_session(start=SeqNum(count), limit=ReadLimit(count=5), wait=1)
    equal([b async for batch in waited for b in bodies(batch)], [])

    followed: list[bytes] = []
    session = stream.read_session(start=TailOffset(1), ignore_command_records=True)

    async def follow() -> None:
        async for batch in session:
            followed.extend(bodies(batch))
            if len(followed) >= 4:
                break

    task = asyncio.create_task(follow())
    tail = await asyncio.wait_for(session.caught_up(), 20)
    equal((tail.seq_num, session.is_caught_up()), (count, True))
    for body in [b"a", b"b"]:
        await stream.append(AppendInput(records=[Record(body)]))
        await stream.append(AppendInput(records=[CommandRecord.fence("")]))
    await stream.append(AppendInput(records=[Record(b"c")]))
    await asyncio.wait_for(task, 20)
    equal(followed, [b"%d" % (count - 1), b"a", b"b", b"c"])
    await session.close()

    async def first(session):
        async for batch in session:
            return batch
        return None

    beyond = stream.read_session(start=SeqNum(99_999))
    error = await fails(first(beyond), ReadUnwrittenError)
    equal(error.tail.seq_num, count + 5)
    clamped = stream.read_session(start=SeqNum(99_999), clamp_to_tail=True)
    task = asyncio.create_task(first(clamped))
    await asyncio.wait_for(clamped.caught_up(), 20)
    await stream.append(AppendInput(records=[Record(b"new")]))
    equal(bodies(await asyncio.wait_for(task, 20)), [b"new"])
    await clamped.close()


async def created_on_use(world: World) -> None:
    await world.s2.create_basin(
        "python-on-use",
        config=BasinConfig(create_stream_on_append=True, create_stream_on_read=True),
    )
    basin = world.s2.basin("python-on-use")
    config = StreamConfig(retention_policy=7_200)
    await basin.stream("unary").append(AppendInput(records=[Record(b"a")], stream_config=config))
    async with basin.stream("session").append_session(stream_config=config) as session:
        await (await session.submit(AppendInput(records=[Record(b"a")])))
    async with basin.stream("producer").producer(stream_config=config) as producer:
        await (await producer.submit(Record(b"a")))
    await fails(basin.stream("read").read(start=SeqNum(0), stream_config=config), ReadUnwrittenError)
    reader = basin.stream("reader").read_session(
        start=SeqNum(0), limit=ReadLimit(count=1), wait=1, stream_config=config
    )
    equal([b async for b in reader], [])
    for name in ["unary", "session", "producer", "read", "reader"]:
        equal((name, (await basin.get_stream_config(name)).retention_policy), (name, 7_200))


async def encryption(world: World) -> None:
    for cipher in Encryption:
        name = f"python-{cipher.value}"
        await world.s2.create_basin(name, config=BasinConfig(stream_cipher=cipher))
        basin = world.s2.basin(name)
        info = await basin.create_stream("sealed")
        equal(info.cipher, cipher)
        key = bytes([7] * 32)
        sealed = basin.stream("sealed", encryption_key=key)
        await sealed.append(AppendInput(records=[Record(b"secret", headers=[(b"k", b"v")])]))
        async with sealed.append_session() as session:
            await (await session.submit(AppendInput(records=[Record(b"second")])))
        equal(bodies(await sealed.read(start=SeqNum(0))), [b"secret", b"second"])
        session = sealed.read_session(start=SeqNum(0), limit=ReadLimit(count=2))
        equal([b async for batch in session for b in bodies(batch)], [b"secret", b"second"])
        await fails(basin.stream("sealed").read(start=SeqNum(0)))
        await fails(basin.stream("sealed", encryption_key=bytes(32)).read(start=SeqNum(0)))


async def compression(world: World) -> None:
    stream = await world.stream()
    for kind in Compression:
        async with world.client(world.token, compression=kind) as s2:
            mine = s2.basin("python-basin").stream(stream.name)
            body = kind.value.encode() * 5_000
            at = (await mine.append(AppendInput(records=[Record(body)]))).start.seq_num
            async with mine.append_session() as session:
                await (await session.submit(AppendInput(records=[Record(body)])))
            equal(bodies(await mine.read(start=SeqNum(at))), [body, body])
            session = mine.read_session(start=SeqNum(at), limit=ReadLimit(count=2))
            equal([b async for batch in session for b in bodies(batch)], [body, body])


async def locations(world: World) -> None:
    s2 = world.s2
    known = await s2.list_locations()
    before = await s2.get_default_location()
    equal(before.name in [each.name for each in known], True)
    other = next(each for each in known if each.name != before.name)
    equal((await s2.set_default_location(other.name)).name, other.name)
    equal((await s2.get_default_location()).name, other.name)
    await s2.set_default_location(before.name)
    made = await s2.create_basin("python-located", location=other.name)
    equal(made.location, other.name)
    await fails(s2.set_default_location("no:where"))


async def access_tokens(world: World) -> None:
    s2 = world.s2
    await s2.ensure_basin("python-tokens")
    scope = AccessTokenScope(
        basins=ExactMatch("python-tokens"),
        streams=PrefixMatch("tenant/"),
        access_tokens=PrefixMatch(""),
        op_groups=OperationGroupPermissions(stream=Permission.READ_WRITE, basin=Permission.READ),
        ops=[Operation.LIST_BASINS, Operation.CREATE_STREAM],
    )
    expires = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(hours=1)
    secret = await s2.issue_access_token(
        "python/a", scope=scope, expires_at=expires, auto_prefix_streams=True
    )
    equal(len(secret) > 20, True)
    await s2.issue_access_token("python/b", scope=AccessTokenScope(ops=[Operation.READ]))
    page = await s2.list_access_tokens(prefix="python/", limit=1)
    equal(([t.id for t in page.items], page.has_more), (["python/a"], True))
    tokens = [t async for t in s2.list_all_access_tokens(prefix="python/")]
    equal([t.id for t in tokens], ["python/a", "python/b"])
    first = tokens[0]
    equal((first.expires_at, first.auto_prefix_streams), (expires, True))
    equal((first.scope.basins, first.scope.streams), (scope.basins, scope.streams))
    equal(first.scope.op_groups.stream, Permission.READ_WRITE)
    equal(sorted(o.value for o in first.scope.ops), sorted(o.value for o in scope.ops))
    every = AccessTokenScope(basins=PrefixMatch(""), streams=PrefixMatch(""), ops=list(Operation))
    await s2.issue_access_token("python/c", scope=every)
    if world.has_auth:
        async with world.client(secret) as tenant:
            basin = tenant.basin("python-tokens")
            await basin.create_stream("mine")
            await basin.stream("mine").append(AppendInput(records=[Record(b"a")]))
            equal([s.name async for s in basin.list_all_streams()], ["mine"])
            equal([b.name async for b in tenant.list_all_basins()], ["python-tokens"])
            await fails(tenant.create_basin("python-denied"), code="permission_denied")
            await fails(basin.delete_stream("none"))
        names = [s.name async for s in s2.basin("python-tokens").list_all_streams()]
        equal(names, ["tenant/mine"])
    await s2.revoke_access_token("python/a")
    await fails(s2.revoke_access_token("python/a"), code="access_token_not_found")
    if world.has_auth:
        async with world.client(secret) as tenant:
            await fails(tenant.list_basins())
        async with world.client("wrong-token") as stranger:
            await fails(stranger.list_basins())
            stream = stranger.basin("python-tokens").stream("tenant/mine")
            await fails(stream.append(AppendInput(records=[Record(b"x")])))
            session = stream.append_session()
            await fails(await session.submit(AppendInput(records=[Record(b"x")])))
            try:
                await session.close()
            except S2ServerError:
                pass
    equal([t.id async for t in s2.list_all_access_tokens(prefix="python/")], ["python/b", "python/c"])


async def metrics(world: World) -> None:
    s2 = world.s2
    stream = await world.stream()
    await stream.append(AppendInput(records=[Record(b"x" * 92)]))
    await stream.read(start=SeqNum(0))
    now = int(datetime.now(timezone.utc).timestamp())
    span = {"start": now - 3_600, "end": now}
    hourly = {**span, "interval": TimeseriesInterval.HOUR}
    active = await s2.account_metrics(set=AccountMetricSet.ACTIVE_BASINS, **span)
    equal("python-basin" in active[0].values, True)
    ops = await s2.account_metrics(set=AccountMetricSet.ACCOUNT_OPS, **hourly)
    equal(len(ops) > 0, True)
    for each in BasinMetricSet:
        more = span if each is BasinMetricSet.STORAGE else hourly
        got = await s2.basin_metrics("python-basin", set=each, **more)
        equal((each, len(got) > 0), (each, True))
        for metric in got:
            equal(metric.unit in (MetricUnit.BYTES, MetricUnit.OPERATIONS), True)
    storage = await s2.stream_metrics("python-basin", stream.name, set=StreamMetricSet.STORAGE, **span)
    equal(storage[0].values[-1][1], 100.0)
    unknown = await s2.stream_metrics("python-basin", "none", set=StreamMetricSet.STORAGE, **span)
    equal(unknown, [])
    # Nothing costs anything where no prices are set.
    billed = AccountMetricSet.ESTIMATED_BILLABLE_USAGE
    equal(await s2.account_metrics(set=billed, **hourly), [])


CASES = [
    basins,
    streams,
    unary_records,
    append_sessions,
    producers,
    read_sessions,
    created_on_use,
    encryption,
    compression,
    locations,
    access_tokens,
    metrics,
]


async def main() -> None:
    known = record_calls()
    world = World(sys.argv[1], sys.argv[2], "--auth" in sys.argv)
    passed, failed = [], {}
    for case in CASES:
        try:
            await asyncio.wait_for(case(world), 60)
            passed.append(case.__name__)
        except BaseException as error:  # noqa: BLE001 - each case is reported
            place = traceback.extract_tb(error.__traceback__)
            line = next((f.lineno for f in reversed(place) if f.filename == __file__), 0)
            failed[case.__name__] = f"line {line}: {type(error).__name__}: {error}"
    await world.s2.close()
    print(json.dumps({"passed": passed, "failed": failed, "uncalled": sorted(known - CALLED)}))


asyncio.run(main())
