"""A linear model over named features, trained with scikit-learn, asked with numpy alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Views = Mapping[str, Mapping[str, int]]
RARE = 2  # what fewer messages have is not learnt, where a view has many features
MANY = 5_000
TOLERANCE = 1e-2  # finer changes no label and takes twice the time


@dataclass
class LinearIntentModel:
    """Weights of every label for every feature.

    Attributes:
        labels: the labels, in the order of the columns of `weights`.
        vocabulary: view → feature → row of `weights`.
        scale: inverse document frequency times the view's weight, one a row.
        weights: float32, features × labels.
        bias: float32, one a label.
        temperature: what scores are multiplied by before the softmax.
    """

    labels: list[str]
    vocabulary: dict[str, dict[str, int]]
    scale: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    temperature: float

    def probabilities(self, views: Views) -> np.ndarray:
        """One probability a label, summing to 1."""
        rows, values = _vector(views, self.vocabulary, self.scale)
        scores = values @ self.weights[rows] + self.bias
        scaled = np.exp((scores - scores.max()) * self.temperature)
        return scaled / scaled.sum()

    def save(self, folder: Path) -> None:
        """Write the model into `folder`."""
        meta = {"labels": self.labels, "vocabulary": self.vocabulary, "temperature": self.temperature}
        (folder / "model.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
        np.savez(folder / "weights.npz", scale=self.scale, weights=self.weights, bias=self.bias)

    @classmethod
    def load(cls, folder: Path) -> LinearIntentModel:
        """Read what `save` wrote."""
        meta = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        arrays = np.load(folder / "weights.npz")
        return cls(**meta, scale=arrays["scale"], weights=arrays["weights"], bias=arrays["bias"])


def _vector(
    views: Views, vocabulary: Mapping[str, Mapping[str, int]], scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and values of a message: sublinear counts times scale, each view with length 1."""
    rows: list[int] = []
    values: list[np.ndarray] = []
    for view, known in vocabulary.items():
        pairs = [(known[feature], count) for feature, count in views[view].items() if feature in known]
        if not pairs:
            continue
        index = [row for row, _ in pairs]
        value = (1 + np.log([count for _, count in pairs])) * scale[index]
        rows.extend(index)
        values.append((value / (np.linalg.norm(value) or 1)).astype(np.float32))
    return np.array(rows, dtype=np.int64), np.concatenate(values) if values else np.zeros(0, np.float32)


def train(
    samples: Sequence[Views],
    labels: Sequence[str],
    view_weights: Mapping[str, float],
    strength: float,
    temperature: float,
    *,
    learner: Any = None,
) -> LinearIntentModel:
    """Fit a one-against-all linear support vector machine.

    Args:
        samples: the views of each training message.
        labels: its label.
        view_weights: how much each view weighs.
        strength: the inverse of regularisation (`C`).
        temperature: see `LinearIntentModel`.
        learner: another linear scikit-learn classifier to use instead.
    """
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    vocabulary: dict[str, dict[str, int]] = {}
    scale: list[float] = []
    weight_of_row: list[float] = []
    for view, weight in view_weights.items():
        frequency = Counter(feature for sample in samples for feature in sample[view])
        least = RARE if len(frequency) > MANY else 1
        kept = {feature: count for feature, count in frequency.items() if count >= least}
        vocabulary[view] = {feature: len(scale) + row for row, feature in enumerate(kept)}
        scale.extend(float(np.log((1 + len(samples)) / (1 + count)) + 1) for count in kept.values())
        weight_of_row.extend([weight] * len(kept))
    scales, view_weight = np.array(scale, np.float32), np.array(weight_of_row, np.float32)
    vectors = [_vector(sample, vocabulary, scales) for sample in samples]
    starts = np.cumsum([0, *(len(rows) for rows, _ in vectors)])
    rows = np.concatenate([rows for rows, _ in vectors])
    values = np.concatenate([values for _, values in vectors]) * view_weight[rows]
    matrix = csr_matrix((values, rows, starts), shape=(len(samples), len(scale)))
    learner = learner or LinearSVC(C=strength, tol=TOLERANCE, random_state=0)
    fitted = learner.fit(matrix, list(labels))
    # A view's weight is folded into the weights, so that asking needs no second factor.
    weights = (fitted.coef_.T * view_weight[:, None]).astype(np.float32)
    return LinearIntentModel(
        fitted.classes_.tolist(),
        vocabulary,
        scales,
        np.ascontiguousarray(weights),
        fitted.intercept_.astype(np.float32),
        temperature,
    )
