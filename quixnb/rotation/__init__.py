"""A guided walk through a rotation of an environment's two streaming tokens, checked at every step.

To rotate means: Token 1 dies, Token 2 becomes Token 1, and there is a new Token 2. Nothing else exists: no way back,
no way to let Token 2 die alone. So the one rule is that nobody uses Token 1 when it dies, and a leaked Token 2 takes
two rotations. Kafka's own credentials are separate: what already runs keeps running.
"""

from quixnb.rotation.admin import CLI, sandbox_of, tokens_page, where_to_rotate
from quixnb.rotation.plan import RotationError, Step
from quixnb.rotation.walk import Rotation

__all__ = ["CLI", "Rotation", "RotationError", "Step", "sandbox_of", "tokens_page", "where_to_rotate"]
