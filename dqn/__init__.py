"""Reference implementations for the book, from Q-learning to prioritized replay.

Each module is meant to be read. Start with :mod:`dqn.losses`, where every published target is one
function, then :mod:`dqn.agent`, which puts them together.
"""

import dqn.envs  # noqa: F401 (registers the environments)
