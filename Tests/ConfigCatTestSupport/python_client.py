"""A client of ConfigCat's Python SDK: python_client.py SDK_KEY CACHE [CDN]. Prints the setting `number` when it changes."""
import os
import sys
import time

import configcatclient
from configcatclient.configcatoptions import ConfigCatOptions
from configcatclient.interfaces import ConfigCache
from configcatclient.pollingmode import PollingMode


class RedisCache(ConfigCache):
    def __init__(self, url):
        import redis
        self.redis = redis.Redis.from_url(url)

    def get(self, key):
        value = self.redis.get(key)
        return None if value is None else value.decode("utf-8")

    def set(self, key, value):
        self.redis.set(key, value)


class FileCache(ConfigCache):
    def __init__(self, directory):
        self.directory = directory

    def get(self, key):
        try:
            with open(os.path.join(self.directory, key), encoding="utf-8", newline="") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def set(self, key, value):
        path = os.path.join(self.directory, key)
        with open(path + ".new", "w", encoding="utf-8", newline="") as file:
            file.write(value)
        os.rename(path + ".new", path)


sdk_key, cache, *cdn = sys.argv[1:]
client = configcatclient.get(
    sdk_key,
    ConfigCatOptions(
        base_url=cdn[0] if cdn else None,
        offline=not cdn,
        polling_mode=PollingMode.auto_poll(poll_interval_seconds=1, max_init_wait_time_seconds=1),
        config_cache=RedisCache(cache) if cache.startswith("redis:") else FileCache(cache)))

last = None
while True:
    value = client.get_value("number", -1)
    if value != last:
        print(value, flush=True)
        last = value
    time.sleep(0.05)
