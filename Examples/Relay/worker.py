"""A service in Python that gets its flags from a relay, and prints one of them whenever it changes.

    worker.py URL ID    the relay's URL, and the ID of the config
"""
import sys
import time

import configcatclient
from configcatclient.configcatoptions import ConfigCatOptions
from configcatclient.pollingmode import PollingMode
from configcatclient.user import User

url, config = sys.argv[1:]
client = configcatclient.get(
    "configcat-proxy/" + config,
    ConfigCatOptions(base_url=url, polling_mode=PollingMode.auto_poll(poll_interval_seconds=2)),
)
jane = User("jane", email="jane@example.com")
last = None
while True:
    value = client.get_value("newCheckout", None, jane)
    if value != last:
        print(f"newCheckout is {value} for Jane", flush=True)
        last = value
    time.sleep(0.5)
