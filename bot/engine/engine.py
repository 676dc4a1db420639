"""One conversation turn, exactly once."""

from __future__ import annotations

import asyncio
import logging
import uuid
from pathlib import Path

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.lock_store import LockStore
from rasa.exceptions import ModelNotFound

from bot.engine.action_endpoint import ActionEndpoint
from bot.engine.action_results import check_results_quickly
from bot.engine.errors import StartError, TurnUnavailableError
from bot.engine.locks import FairLockStore, SharedLockStore
from bot.engine.processor import EMPTY_RESPONSE, FAILURE_RESPONSE, SupportProcessor, sent_id
from bot.engine.quiet import describe
from bot.engine.responses import SupportResponses
from bot.engine.settings import Settings
from bot.engine.tracker_store import LiveTrackerStore

logger = logging.getLogger(__name__)

# Seconds for a whole turn: a few actions, each within its own limit.
TURN_TIMEOUT = 25.0


class Engine:
    """A loaded model with everything a turn needs."""

    def __init__(
        self,
        processor: SupportProcessor,
        store: LiveTrackerStore,
        locks: LockStore,
        actions: ActionEndpoint,
        turn_timeout: float = TURN_TIMEOUT,
    ) -> None:
        """See `load_engine`, which puts one together."""
        self.processor = processor
        self.store = store
        self.actions = actions
        self._locks = locks
        self._timeout = turn_timeout

    async def handle(self, message: UserMessage) -> None:
        """Runs the turn and puts the answer in the message's output channel; never an empty one.

        A message with an id that was answered before gets that answer again. The turn runs to its end even if
        the one who sent it hangs up, and a second attempt then finds the answer.

        Raises:
            TurnUnavailableError: nothing was saved; the message may be sent again.
        """
        await asyncio.shield(asyncio.ensure_future(self._in_turn(message)))

    async def erase(self, sender_id: str) -> None:
        """Removes every trace of a conversation."""
        async with self._locks.lock(sender_id):
            await self.store.erase(sender_id)

    async def close(self) -> None:
        """Finishes writing and disconnects."""
        await self.actions.close()
        if isinstance(self._locks, SharedLockStore):
            await self._locks.close()
        self.store.close()

    async def _in_turn(self, message: UserMessage) -> None:
        async with self._locks.lock(message.sender_id):
            message_id = sent_id(message)
            answer = await self.store.answer_to(message.sender_id, message_id) if message_id else None
            if answer is None:
                await self._turn(message)
            elif isinstance(message.output_channel, CollectingOutputChannel):
                message.output_channel.messages = answer

    async def _turn(self, message: UserMessage) -> None:
        try:
            await asyncio.wait_for(self.processor.handle_message(message), self._timeout)
        except asyncio.TimeoutError as error:
            self.store.forget(message.sender_id)
            raise TurnUnavailableError from error
        except TurnUnavailableError:
            self.store.forget(message.sender_id)
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours shall not leave the visitor in silence
            number = uuid.uuid4().hex[:8]
            logger.error("a turn failed and was answered with an apology (%s): %s", number, describe(error))
            self.store.forget(message.sender_id)
            await self._apologise(message, number)

    async def _apologise(self, message: UserMessage, number: str) -> None:
        try:
            await self.processor.apologise(message, number)
        except TurnUnavailableError:
            self.store.forget(message.sender_id)
            raise
        except Exception as error:
            self.store.forget(message.sender_id)
            raise TurnUnavailableError from error


def load_engine(model: Path, settings: Settings, responses: SupportResponses | None = None) -> Engine:
    """Loads `model`.

    Raises:
        StartError: no such model, one that this installation cannot run, a database that cannot be reached,
            or a response that needs something nobody provides.
    """
    if not model.is_file():
        raise StartError(f"no model at {model}; train one with `make train`")
    check_results_quickly()
    nlg = responses or SupportResponses()
    actions = ActionEndpoint(settings.actions_url)
    store = _open_store(settings)
    locks = SharedLockStore(url=settings.redis_url) if settings.redis_url else FairLockStore()
    processor = _load_processor(model, store, locks, nlg, actions)
    domain = processor.domain
    missing = [name for name in (EMPTY_RESPONSE, FAILURE_RESPONSE) if name not in domain.responses]
    if missing:
        raise StartError(f"the domain has no response {' and no '.join(missing)}")
    nlg.use_domain(domain)
    actions.use_domain(domain)
    store.domain = domain
    return Engine(processor, store, locks, actions)


def _open_store(settings: Settings) -> LiveTrackerStore:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return LiveTrackerStore(host=settings.tracker_url, shared=bool(settings.redis_url))
    except SQLAlchemyError as error:
        raise StartError(f"the tracker database cannot be opened ({type(error).__name__})") from error


def _load_processor(
    model: Path, store: LiveTrackerStore, locks: LockStore, nlg: SupportResponses, actions: ActionEndpoint
) -> SupportProcessor:
    try:
        return SupportProcessor(str(model), store, locks, nlg, action_endpoint=actions)
    except ModelNotFound as error:
        raise StartError(f"{model} is not a Rasa model") from error
    except Exception as error:
        root = error
        while root.__cause__ is not None and isinstance(root.__cause__, Exception):
            root = root.__cause__
        reason = " ".join(str(root).split()) or type(root).__name__
        raise StartError(f"{model} cannot be loaded (train anew with `make train`): {reason}") from error
