#!/usr/bin/env python3
"""Measures `configcatctl serve --relay` beside a bare Hummingbird server and nginx, in the same run.

    bench-serve.py FOLDER    the folder of the release builds of configcatctl and ConfigCatHelloServer

Requests come from wrk, in rounds that alternate between the servers; the figures are medians. Then 1,000 streams wait for a
change of a flag.
"""
import asyncio
import base64
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS_EACH", "3"))
STREAMS = 1000
CHANGES = 5


def config(size, value):
    """Returns a config of about `size` bytes with realistic settings, and the setting `flag`."""
    settings = {"flag": {"t": 1, "v": {"s": value}, "i": "v-" + value}}
    settings["target"] = {
        "t": 0,
        "r": [{"c": [{"u": {"a": "Email", "c": 2, "l": ["@example.com"]}}], "s": {"v": {"b": True}, "i": "t-1"}}],
        "v": {"b": False},
        "i": "t-0",
    }
    while True:
        number = len(settings)
        settings[f"setting{number}"] = {
            "t": 1,
            "r": [
                {
                    "c": [{"u": {"a": "Email", "c": 2, "l": [f"@example-{number}.com", f"@staff-{number * 7919}.org"]}}],
                    "s": {"v": {"s": f"special-{number}"}, "i": f"id-{number}-a"},
                }
            ],
            "p": [
                {"p": 30, "v": {"s": "a"}, "i": f"id-{number}-b"},
                {"p": 70, "v": {"s": "b"}, "i": f"id-{number}-c"},
            ],
            "v": {"s": f"fallback-{number}"},
            "i": f"id-{number}-d",
        }
        if number % 50 == 0:
            text = json.dumps({"p": {"s": "c2FsdA=="}, "f": settings}, separators=(",", ":"))
            if len(text) >= size:
                return text


def replace(path, text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


class Server:
    def __init__(self, *arguments):
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        match = re.search(r"http://\S+", line)
        if not match:
            raise SystemExit(f"{arguments[0]} did not start: {line}")
        self.url = match.group()

    def memory(self):
        """Returns the resident memory in bytes."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def nginx(folder, port):
    """Starts nginx, which serves the config with its compressed form beside it; nil if it is not installed."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not os.path.exists(program):
        return None
    conf = f"""
        daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.err; worker_processes auto; user root;
        events {{ worker_connections 4096; }}
        http {{
            access_log off; keepalive_requests 1000000000; default_type application/json; gzip_static on; sendfile on;
            client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
            uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
            server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
        }}"""
    with open(f"{folder}/nginx.conf", "w") as file:
        file.write(conf)
    process = subprocess.Popen([program, "-c", f"{folder}/nginx.conf", "-p", folder], stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return process


def wrk(url, headers=(), script=None):
    """Returns requests per second, and the latencies of 50 and 99 % in milliseconds."""
    command = ["wrk", "-t2", "-c64", f"-d{SECONDS}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", script]
    output = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output and "304" not in " ".join(headers):
        if not any(header.startswith("If-None-Match") for header in headers):
            raise SystemExit(f"{url}: {output}")

    def milliseconds(text):
        number, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
        return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    latency = {share: milliseconds(text) for share, text in re.findall(r"(\d+)%\s+([\d.]+\w+)", output)}
    return rate, latency["50"], latency["99"]


async def stream(host, port, path, versions, ready):
    """Reads one stream, and records when it gets each value."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    try:
        while True:
            line = await reader.readline()
            if not line:
                return
            match = re.search(rb'"value":"(\w+)"', line)
            if match:
                versions.setdefault(match.group(1).decode(), []).append(time.monotonic())
                if match.group(1) == b"v0":
                    ready.release()
    finally:
        writer.close()


async def streams(server, file, size):
    """Returns the times from a change of the file until each stream had it, and the memory per stream."""
    host, port = "127.0.0.1", int(server.url.rsplit(":", 1)[1])
    data = base64.urlsafe_b64encode(b'{"key":"flag"}').decode()
    replace(file, config(size, "v0"))
    await asyncio.sleep(1)
    before = server.memory()
    versions, ready = {}, asyncio.Semaphore(0)
    tasks = [asyncio.create_task(stream(host, port, f"/sse/big/eval/{data}", versions, ready)) for _ in range(STREAMS)]
    for _ in range(STREAMS):
        await asyncio.wait_for(ready.acquire(), 60)
    memory = (server.memory() - before) / STREAMS
    delays = []
    for number in range(1, CHANGES + 1):
        text = config(size, f"v{number}")
        await asyncio.sleep(0.5)
        begun = time.monotonic()
        replace(file, text)
        while len(versions.get(f"v{number}", [])) < STREAMS:
            await asyncio.sleep(0.01)
            if time.monotonic() - begun > 30:
                raise SystemExit(f"only {len(versions.get(f'v{number}', []))} streams got the change")
        delays += [(at - begun) * 1000 for at in versions[f"v{number}"]]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return delays, memory


def main():
    tools = sys.argv[1]
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed: apt-get install wrk nginx-light")
    folder = tempfile.mkdtemp()
    servers, proxy = [], None
    try:
        big = f"{folder}/big.json"
        size = 144_000
        replace(big, config(size, "v0"))
        os.mkdir(f"{folder}/www")
        replace(f"{folder}/www/config.json", config(size, "v0"))
        subprocess.run(["gzip", "-k", "-6", f"{folder}/www/config.json"], check=True)
        compressed = os.path.getsize(f"{folder}/www/config.json.gz")
        print(f"The config has {os.path.getsize(big):,} bytes, and {compressed:,} in gzip.\n")
        hello = Server(f"{tools}/ConfigCatHelloServer")
        servers.append(hello)
        relay = Server(f"{tools}/configcatctl", "serve", "--relay", "--config", big, "--port", "0")
        servers.append(relay)
        proxy = nginx(folder, 18999)
        path = relay.url + "/configuration-files/configcat-proxy/big/config_v6.json"
        etag = re.search(
            r"(?im)^etag: (\S+)", subprocess.run(["curl", "-sI", path], capture_output=True, text=True).stdout
        ).group(1)
        with open(f"{folder}/ofrep.lua", "w") as file:
            file.write(
                'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
                'wrk.body = \'{"context":{"targetingKey":"435170f4","email":"jane@example.com","plan":"Pro"}}\'\n'
            )
        cases = {
            "hello": lambda: wrk(hello.url + "/hello"),
            "relay: 304": lambda: wrk(path, [f"If-None-Match: {etag}"]),
            "relay: 200, 144 kB in gzip": lambda: wrk(path, ["Accept-Encoding: gzip"]),
            "relay: OFREP, one flag": lambda: wrk(relay.url + "/ofrep/v1/evaluate/flags/target", script=f"{folder}/ofrep.lua"),
            "hello: POST": lambda: wrk(hello.url + "/hello", script=f"{folder}/ofrep.lua"),
        }
        if proxy:
            cases["nginx: 200, the same file"] = lambda: wrk(
                "http://127.0.0.1:18999/config.json", ["Accept-Encoding: gzip"])
        results = {name: [] for name in cases}
        for number in range(ROUNDS):
            for name, measure in cases.items():
                results[name].append(measure())
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
        median = {name: [statistics.median(values) for values in zip(*runs)] for name, runs in results.items()}
        print(f"{'':28} {'requests/s':>12} {'50 %':>9} {'99 %':>9}")
        for name, (rate, half, most) in median.items():
            print(f"{name:28} {rate:12,.0f} {half:6.2f} ms {most:6.2f} ms")

        def ratio(name, to, goal):
            if to not in median:
                return print(f"{name}: {to} is missing")
            shares = [a[0] / b[0] for a, b in zip(results[name], results[to])]
            value = statistics.median(shares)
            print(f"{name} / {to}: {value:.2f} (from {min(shares):.2f} to {max(shares):.2f}; goal {goal})")

        print()
        ratio("relay: 304", "hello", 0.8)
        ratio("relay: 200, 144 kB in gzip", "nginx: 200, the same file", 0.5)
        ratio("relay: OFREP, one flag", "hello", 0.6)
        delays, memory = asyncio.run(streams(relay, big, size))
        delays.sort()
        print(
            f"\n{STREAMS} streams, {CHANGES} changes: a change arrives after {delays[len(delays) // 2]:.0f} ms (50 %), "
            f"{delays[int(len(delays) * 0.99)]:.0f} ms (99 %), {delays[-1]:.0f} ms (worst); goal 200 ms (99 %)\n"
            f"memory per stream: {memory / 1024:.1f} kB")
    finally:
        for server in servers:
            server.end()
        if proxy:
            proxy.terminate()
            proxy.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
