"""The shared cache: Redis, and for as long as Redis does not answer the process's own memory."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

#: How long after a failure Redis is left alone, in seconds: nobody's log-in waits for a server that is gone.
REST = 5
SAFE = (
    "add",
    "get",
    "set",
    "touch",
    "delete",
    "get_many",
    "has_key",
    "incr",
    "set_many",
    "delete_many",
    "clear",
)


def _surviving(name: str) -> Callable[..., Any]:
    wanted = getattr(RedisCache, name)

    @wraps(wanted)
    def call(self: "SurvivingRedisCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self.asleep_until:
            try:
                return wanted(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                self.asleep_until = time.monotonic() + REST
                logging.getLogger(__name__).warning("Redis does not answer (%s): limits are kept per process", error)
        return getattr(self.memory, name)(*args, **kwargs)

    return call


class SurvivingRedisCache(RedisCache):
    """Limits of log-ins are kept in Redis; without it each process keeps them in its own memory, and says so in the log."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.memory = LocMemCache("without-redis", {})
        self.asleep_until = 0.0


for _name in SAFE:
    setattr(SurvivingRedisCache, _name, _surviving(_name))
