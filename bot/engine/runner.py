"""Runs the prediction graph as a plain list of calls.

Rasa hands every message to dask's scheduler, which builds and sorts the graph anew each time. The graph of a
loaded model never changes, so the order is worked out once for each set of targets.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage

_Step = tuple[str, GraphNode, tuple[str, ...]]


class PlainGraphRunner(GraphRunner):
    """A `GraphRunner` for inference: same nodes, same results, no scheduler."""

    def __init__(
        self,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> None:
        """Loads every node of `graph_schema` from `model_storage`."""
        self._schema = graph_schema
        self._nodes = {
            name: GraphNode.from_schema_node(name, node, model_storage, execution_context, hooks)
            for name, node in graph_schema.nodes.items()
        }
        self._context = execution_context
        self._plans: dict[tuple[str, ...], list[_Step]] = {}

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> PlainGraphRunner:
        """Loads every node of `graph_schema` from `model_storage`."""
        return cls(graph_schema, model_storage, execution_context, hooks)

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The output of each target, given the outputs of the placeholders in `inputs`.

        Raises:
            GraphRunError: a needed input is missing.
        """
        wanted = tuple(targets or self._schema.target_names)
        if wanted not in self._plans:
            self._plans[wanted] = self._plan(wanted)
        results: dict[str, Any] = dict(inputs or {})
        for name, node, needs in self._plans[wanted]:
            try:
                _, results[name] = node(*[(need, results[need]) for need in needs])
            except KeyError as error:
                if error.args and error.args[0] in needs and error.args[0] not in results:
                    raise GraphRunError(f"Missing input to run node '{name}'.") from error
                raise
        return {name: results[name] for name in wanted}

    def _plan(self, targets: tuple[str, ...]) -> list[_Step]:
        steps: dict[str, _Step] = {}

        def visit(name: str) -> None:
            if name in steps or name not in self._schema.nodes:
                return
            needs = tuple(self._schema.nodes[name].needs.values())
            for need in needs:
                visit(need)
            steps[name] = (name, self._nodes[name], needs)

        for target in targets:
            visit(target)
        return list(steps.values())
