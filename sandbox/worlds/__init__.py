"""What the replicas serve. A `World` holds one module's worth of people and items for each site."""

from sandbox.worlds.dataset import WorldError
from sandbox.worlds.world import World

__all__ = ["World", "WorldError"]
