"""Sets each mode of fake_cdn.py while `configcatctl watch` runs, which has to keep the last valid value, and to report the
new one when the mode ends, without a restart.

    FakeCDNModes.py FAKE_CDN CONFIGCATCTL
"""
import json, signal, socket, subprocess, sys, tempfile, threading, time, urllib.request

KEY = "configcat-sdk-1/TEST_KEY-0123456789012/1234567890123456789012"
PATIENCE = 90

# name, mode, whether a config can be downloaded during the mode
MODES = [
    ("status 503", {"status": 503}, False),
    ("status 404", {"status": 404}, False),
    ("status 403", {"status": 403}, False),
    ("delay", {"delay": 1}, True),
    ("another body", {"body": "<html>"}, False),
    ("an empty body", {"body": ""}, False),
    ("truncated", {"truncate": 10}, False),
    ("dropped", {"drop": True}, False),
    ("no ETag", {"noetag": True}, True),
    ("a gzip bomb", {"gzipbomb": 64}, False),
    ("three failures", {"status": 500, "times": 3}, True),
    ("stalled", {"stall": True}, False),
]


def config(number):
    return json.dumps({"f": {"number": {"t": 2, "v": {"i": number}}}})


def main(fake_cdn, configcatctl):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(config(0))
        file.flush()
        cdn = subprocess.Popen(
            [sys.executable, fake_cdn, "--port", str(port), "--config", file.name],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        cdn.stdout.readline()
    watch = subprocess.Popen(
        [configcatctl, "watch", "number", "--sdk-key", KEY, "--base-url", f"http://127.0.0.1:{port}",
         "--poll-interval", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    values = []
    threading.Thread(
        target=lambda: [values.append(json.loads(line)["values"]["number"]) for line in watch.stdout], daemon=True).start()

    def post(path, body):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body.encode(), method="POST")
        urllib.request.urlopen(request, timeout=30).read()

    def wait(number):
        end = time.time() + PATIENCE
        while time.time() < end:
            if values and values[-1] == number:
                return True
            time.sleep(0.02)
        return False

    failures = []
    try:
        if not wait(0):
            failures.append("the first config did not arrive")
        for number, (name, mode, passes) in enumerate(MODES, 1):
            post("/admin/mode", json.dumps(mode))
            post("/admin/config", config(number))
            if not passes:
                time.sleep(1.5)
                if values[-1:] != [number - 1]:
                    failures.append(f"{name}: the value was {values[-1:]} while it lasted, not {number - 1}")
                post("/admin/mode", "{}")
            if not wait(number):
                failures.append(f"{name}: the change did not arrive after it")
            post("/admin/mode", "{}")
        watch.send_signal(signal.SIGINT)
        if watch.wait(30) != 0:
            failures.append(f"watch ended with {watch.returncode}")
    finally:
        watch.kill()
        cdn.kill()
    for failure in failures:
        print(failure)
    return 1 if failures else 0


sys.exit(main(*sys.argv[1:]))
