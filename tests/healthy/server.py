#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A healthy asyncio server, of a little HTTP: answers at once, and reads bodies late. Prints its port."""
import asyncio
import os


async def body(reader, headers):
    length = int(headers.get("content-length", 0))
    while length:
        length -= len(await reader.read(min(length, 65536)))


async def answer(path, reader, writer, headers):
    if path == "/sleep":
        await asyncio.sleep(3)
    elif path == "/chan":
        await asyncio.sleep(0.3)
    await body(reader, headers)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")
    await writer.drain()


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            path = line.split()[1].decode()
            headers = {}
            while (line := await reader.readline()).strip():
                key, value = line.decode().split(":", 1)
                headers[key.lower()] = value
            await answer(path, reader, writer, headers)
    except (ConnectionError, IndexError, asyncio.IncompleteReadError):
        pass
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if os.environ.get("UVLOOP"):
    import uvloop

    uvloop.install()
asyncio.run(main())
