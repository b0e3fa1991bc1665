"""The conformance application on the reference server for Python.

    reference_app.py PORT

Speaks exactly what Examples/conformance-app speaks, so that any client can be pointed at either.
"""

import os
import sys
from urllib.parse import parse_qs

import uvicorn
from pondsocket import ConnectionContext, EventContext, JoinContext, LeaveContext, Options, PondSocket
from pondsocket_asgi import PondASGIApp


async def connection(ctx: ConnectionContext) -> None:
    token = ctx.query.get("token")
    if token == "bad":
        ctx.decline(401, "Invalid token")
    elif token == "forbidden":
        ctx.decline(403, "Forbidden user")
    elif token == "none":
        return
    elif token == "crash":
        raise RuntimeError("connection handler crashed")
    else:
        ctx.accept(username=ctx.query.get("username", "anonymous"))
        if "hello" in ctx.query:
            ctx.reply("welcome", {"hello": ctx.query["hello"]})


async def chat_join(ctx: JoinContext) -> None:
    await ctx.accept()
    await ctx.track({"username": await ctx.get_assign("username"), "status": "online"})


async def private_join(ctx: JoinContext) -> None:
    await ctx.decline(403, "Private channel")


async def noreply_join(ctx: JoinContext) -> None:
    return


async def crash_join(ctx: JoinContext) -> None:
    raise RuntimeError("join handler crashed")


async def bench_join(ctx: JoinContext) -> None:
    await ctx.accept()


async def signed(ctx: EventContext) -> dict:
    payload = {**ctx.get_payload(), "from": await ctx.get_assign("username")}
    payload.pop("to", None)
    return payload


async def message(ctx: EventContext) -> None:
    await ctx.broadcast("message", await signed(ctx))


async def others(ctx: EventContext) -> None:
    await ctx.broadcast_from("others", await signed(ctx))


async def whisper(ctx: EventContext) -> None:
    await ctx.broadcast_to("whisper", await signed(ctx), ctx.get_payload()["to"])


async def status(ctx: EventContext) -> None:
    user = ctx.get_user()
    await ctx.update_presence(
        {"username": await ctx.get_assign("username"), "status": ctx.get_payload()["status"]}, user.id
    )


async def ping(ctx: EventContext) -> None:
    await ctx.reply("pong", ctx.get_payload())


async def whoami(ctx: EventContext) -> None:
    user = ctx.get_user()
    await ctx.reply("whoami", {"userId": user.id, "assigns": user.assigns})


async def kick(ctx: EventContext) -> None:
    payload = ctx.get_payload()
    await ctx.evict(payload.get("reason", "kicked"), payload["userId"])


async def remove(ctx: EventContext) -> None:
    await ctx.evict("removed", ctx.get_payload()["userId"])


async def assign(ctx: EventContext) -> None:
    await ctx.assign(dict(ctx.get_payload()))
    await ctx.reply("assigned", ctx.get_payload())


async def untrack(ctx: EventContext) -> None:
    await ctx.untrack(ctx.get_user().id)


async def getuser(ctx: EventContext) -> None:
    user = await ctx.channel.get_user(ctx.get_payload()["id"])
    await ctx.reply("user", {"id": user.id, "assigns": user.assigns, "presence": user.presence})


async def crash(ctx: EventContext) -> None:
    raise RuntimeError("event handler crashed")


async def silent(ctx: EventContext) -> None:
    return


async def state(ctx: EventContext) -> None:
    await ctx.reply("state", {"presence": await ctx.get_all_presence(), "assigns": await ctx.get_all_assigns()})


async def bench_message(ctx: EventContext) -> None:
    await ctx.broadcast("message", ctx.get_payload())


async def bench_echo(ctx: EventContext) -> None:
    await ctx.reply("echo", ctx.get_payload())


def application() -> PondASGIApp:
    pubsub = None
    redis_port = os.environ.get("POND_REDIS_PORT")
    if redis_port:
        from pondsocket.distributed import RedisPubSub
        from redis.asyncio import Redis

        pubsub = RedisPubSub(Redis(host="127.0.0.1", port=int(redis_port)), owns_client=True)
    options = Options(
        namespace=os.environ.get("POND_NAMESPACE", "default"),
        heartbeat_interval=float(os.environ.get("POND_HB_INTERVAL", "30")),
        heartbeat_timeout=float(os.environ.get("POND_HB_TIMEOUT", "90")),
    )
    pond = PondSocket(options=options, pubsub=pubsub)
    endpoint = pond.create_endpoint("/socket", connection)
    chat = endpoint.create_channel("/chat/:room_id", chat_join)
    for name, handler in {
        "message": message, "others": others, "whisper": whisper, "status": status, "ping": ping, "whoami": whoami,
        "kick": kick, "remove": remove, "assign": assign, "untrack": untrack, "crash": crash, "getuser": getuser, "silent": silent, "state": state,
    }.items():
        chat.on_message(name, handler)
    endpoint.create_channel("/private/:id", private_join)
    endpoint.create_channel("/noreply/:id", noreply_join)
    endpoint.create_channel("/crash/:id", crash_join)
    bench = endpoint.create_channel("/bench/:id", bench_join)
    bench.on_message("message", bench_message)
    bench.on_message("echo", bench_echo)
    return PondASGIApp(pond)


if __name__ == "__main__":
    uvicorn.run(application(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", ws_ping_interval=None)
