"""The recipes of spec/recipe.md again, in plain Python: lists, integers of any size, one loop after the other.

Written from the specification and slow. It shares no code with allstop but the figures of a `Recipe`.
"""

import hashlib
from collections.abc import Sequence

from allstop.transcript import Recipe

Matrix = list[list[int]]
LOG_2 = 45426


def ref_execute(recipe: Recipe, *, before: bytes, given: bytes, nonce: bytes) -> bytes:
    """Return what `Interpreter.execute` promises."""
    if recipe.kind.is_transformer:
        run = _train_transformer if recipe.kind.is_training else _infer_transformer
    else:
        run = _train_mlp if recipe.kind.is_training else _infer_mlp
    return run(recipe, before, given, nonce)


def ref_divide(over: int, under: int) -> int:
    """Divide and round to nearest, ties to even."""
    down, left = divmod(over, under)
    return down + (2 * left > under or (2 * left == under and down % 2 == 1))


def ref_noise(nonce: bytes, step: int, count: int) -> list[int]:
    """Return the dither of one step."""
    stream = hashlib.shake_256(b"allstop dither v1\n" + nonce + step.to_bytes(8, "big")).digest(
        -(-count // 2)
    )
    return [2 * half - 15 for byte in stream for half in (byte % 16, byte // 16)][:count]


def ref_shift(inner: int) -> int:
    """Return the shift after a product."""
    return 5 + len(f"{inner:b}") // 2


def _clip(value: int, low: int = -128, high: int = 127) -> int:
    return min(max(value, low), high)


def _product(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in a]


def _turn(a: Matrix) -> Matrix:
    return [list(column) for column in zip(*a, strict=True)]


def _each(a: Matrix, under: int, low: int, high: int) -> Matrix:
    return [[_clip(ref_divide(x, under), low, high) for x in row] for row in a]


def _down(a: Matrix, shift: int) -> Matrix:
    """Return a gradient divided by a power of two."""
    return _each(a, 2**shift, -(2**15), 2**15)


def _masked(values: Matrix, gradient: Matrix, low: int = -128) -> Matrix:
    return [
        [g if low < v < 127 else 0 for v, g in zip(vs, gs, strict=True)]
        for vs, gs in zip(values, gradient, strict=True)
    ]


def _add(a: Matrix, b: Matrix) -> Matrix:
    return [[x + y for x, y in zip(xs, ys, strict=True)] for xs, ys in zip(a, b, strict=True)]


def _limited(a: Matrix) -> Matrix:
    return [[_clip(x, -(2**15), 2**15) for x in row] for row in a]


def _rows(values: Sequence[int], width: int) -> Matrix:
    return [list(values[i : i + width]) for i in range(0, len(values), width)]


def _integers(data: bytes, size: int, *, signed: bool) -> list[int]:
    return [int.from_bytes(data[i : i + size], "little", signed=signed) for i in range(0, len(data), size)]


def _cut(weights: Sequence[int], shapes: Sequence[tuple[int, int]]) -> list[Matrix]:
    found, at = [], 0
    for rows, columns in shapes:
        found.append(_rows(weights[at : at + rows * columns], columns))
        at += rows * columns
    return found


def _packed(a: Matrix, size: int) -> bytes:
    return b"".join(x.to_bytes(size, "little", signed=True) for row in a for x in row)


def _descend(masters: list[int], gradients: list[Matrix], shifts: list[int]) -> list[int]:
    moves = [
        ref_divide(x, 2**shift) for a, shift in zip(gradients, shifts, strict=True) for row in a for x in row
    ]
    return [_clip(m - move, -(2**15), 2**15 - 1) for m, move in zip(masters, moves, strict=True)]


# The dense network.


def _mlp_shapes(recipe: Recipe) -> list[tuple[int, int]]:
    return [(recipe.width, recipe.width)] * recipe.layers + [(recipe.width, recipe.outputs)]


def _mlp_inputs(
    recipe: Recipe, weights: list[Matrix], given: Sequence[int], noise: list[int]
) -> list[Matrix]:
    """Return the input of every layer."""
    found = [_rows([_clip(g + n) for g, n in zip(given, noise, strict=True)], recipe.width)]
    for layer in weights[:-1]:
        found.append(_each(_product(found[-1], layer), 2 ** ref_shift(recipe.width), 0, 127))
    return found


def _infer_mlp(recipe: Recipe, before: bytes, given: bytes, nonce: bytes) -> bytes:
    weights = _cut(_integers(before, 1, signed=True), _mlp_shapes(recipe))
    noise = ref_noise(nonce, 0, len(given))
    inputs = _mlp_inputs(recipe, weights, _integers(given, 1, signed=True), noise)
    return _packed(_product(inputs[-1], weights[-1]), 4)


def _train_mlp(recipe: Recipe, before: bytes, given: bytes, nonce: bytes) -> bytes:
    masters, shift = _integers(before, 2, signed=True), ref_shift(recipe.width)
    cut = recipe.rows * recipe.width
    for step, batch in enumerate(_rows(_integers(given, 1, signed=True), len(given) // recipe.steps)):
        weights = _cut([m // 256 for m in masters], _mlp_shapes(recipe))
        noise = ref_noise(nonce, step, len(batch))
        inputs = _mlp_inputs(recipe, weights, batch[:cut], noise[:cut])
        outputs = _product(inputs[-1], weights[-1])
        offsets = _rows([16 * (n - t) for n, t in zip(noise[cut:], batch[cut:], strict=True)], recipe.outputs)
        error = _limited(_add(_each(outputs, 2 ** (shift - 4), -(2**60), 2**60), offsets))
        found = [_product(_turn(inputs[-1]), error)]
        for layer in range(recipe.layers, 0, -1):
            error = _masked(inputs[layer], _down(_product(error, _turn(weights[layer])), shift), 0)
            found.insert(0, _product(_turn(inputs[layer - 1]), error))
        masters = _descend(masters, found, [shift + recipe.rate_shift] * len(found))
    return _packed([masters], 2)


# The transformer, forward.


def _transformer_shapes(recipe: Recipe) -> list[tuple[int, int]]:
    w = recipe.width
    block = [(w, 3 * w), (w, w), (w, 4 * w), (4 * w, w)]
    return [(recipe.outputs, w), (recipe.tokens, w), *block * recipe.layers, (w, recipe.outputs)]


def _root(square: int) -> int:
    """Return the largest integer whose square is not above `square`, by Newton's steps."""
    root = square
    while root * root > square:
        root = (root + square // root) // 2
    return root


def ref_power(bits: int, distance: int) -> int:
    """Return floor(2^(bits - distance / 16))."""
    exponent = 16 * bits - distance
    if exponent < 0:
        return 0
    found = 0
    while (found + 1) ** 16 <= 2**exponent:
        found += 1
    return found


POWERS = [ref_power(7, i) for i in range(114)]


def _loss_power(distance: int) -> int:
    """Return floor(2^(15 - distance / 16)) by bisection: counting up would take long."""
    exponent = 16 * 15 - distance
    if exponent < 0:
        return 0
    low, high = 0, 2**16
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**16 <= 2**exponent else (low, middle)
    return low


def _norm(stream: Matrix) -> tuple[Matrix, list[int]]:
    roots = [max(1, _root(256 * sum(x * x for x in row) // len(row))) for row in stream]
    values = [
        [_clip(ref_divide(512 * x, root)) for x in row] for row, root in zip(stream, roots, strict=True)
    ]
    return values, roots


class _Block:
    """One block: everything that its gradient needs."""

    def __init__(self, recipe: Recipe, weights: list[Matrix], stream: Matrix) -> None:
        w, shift = recipe.width, 2 ** ref_shift(recipe.width)
        self.weights = weights
        self.before, self.before_roots = _norm(stream)
        self.joined = _each(_product(self.before, weights[0]), shift, -128, 127)
        self.shares: dict[tuple[int, int], list[int]] = {}
        self.mixed: Matrix = []
        size, self.score_shift = w // recipe.heads, 8 + len(f"{w // recipe.heads:b}") // 2
        for place in range(len(stream)):
            row: list[int] = []
            for head in range(recipe.heads):
                seen = range(place - place % recipe.tokens, place + 1)
                query = self.part(place, 0, head, size)
                scores = [
                    ref_divide(_dot(query, self.part(j, 1, head, size)), 2**self.score_shift) for j in seen
                ]
                shares = [POWERS[min(max(scores) - score, 113)] for score in scores]
                self.shares[place, head] = shares
                values = [self.part(j, 2, head, size) for j in seen]
                row += [ref_divide(_dot(shares, column), sum(shares)) for column in zip(*values, strict=True)]
            self.mixed.append(row)
        self.attended = _each(_product(self.mixed, weights[1]), shift, -128, 127)
        self.between, self.between_roots = _norm(_add(stream, self.attended))
        self.raised = _each(_product(self.between, weights[2]), shift, 0, 127)
        self.lowered = _each(_product(self.raised, weights[3]), 2 ** ref_shift(4 * w), -128, 127)

    def part(self, place: int, which: int, head: int, size: int) -> list[int]:
        """Return the query (0), key (1) or value (2) of a head at a place."""
        width = len(self.before[0])
        return self.joined[place][which * width + head * size : which * width + (head + 1) * size]


def _dot(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _forward(
    recipe: Recipe, weights: list[Matrix], tokens: list[int], noise: list[int]
) -> tuple[list[_Block], tuple[Matrix, list[int]], Matrix]:
    stream = [
        [e + p + n for e, p, n in zip(weights[0][token], weights[1][i % recipe.tokens], row, strict=True)]
        for i, (token, row) in enumerate(zip(tokens, _rows(noise, recipe.width), strict=True))
    ]
    blocks = []
    for layer in range(recipe.layers):
        block = _Block(recipe, weights[2 + 4 * layer : 6 + 4 * layer], stream)
        stream = _add(_add(stream, block.attended), block.lowered)
        blocks.append(block)
    last = _norm(stream)
    return blocks, last, _product(last[0], weights[-1])


def _infer_transformer(recipe: Recipe, before: bytes, given: bytes, nonce: bytes) -> bytes:
    weights = _cut(_integers(before, 1, signed=True), _transformer_shapes(recipe))
    tokens = _integers(given, 2, signed=False)
    _, _, logits = _forward(recipe, weights, tokens, ref_noise(nonce, 0, len(tokens) * recipe.width))
    return b"".join(row.index(max(row)).to_bytes(2, "little") for row in logits) + _packed(
        [[max(row)] for row in logits], 4
    )


# The transformer, backward.


def _train_transformer(recipe: Recipe, before: bytes, given: bytes, nonce: bytes) -> bytes:
    masters, tokens = _integers(before, 2, signed=True), _integers(given, 2, signed=False)
    narrow, wide = ref_shift(recipe.width), ref_shift(4 * recipe.width)
    shifts = [0, 0, *[narrow, narrow, narrow, wide] * recipe.layers, narrow + 2]
    for step in range(recipe.steps):
        size = recipe.rows * (recipe.tokens + 1)
        batch = _rows(tokens[step * size : (step + 1) * size], recipe.tokens + 1)
        weights = _cut([m // 256 for m in masters], _transformer_shapes(recipe))
        noise = ref_noise(nonce, step, recipe.rows * recipe.tokens * (recipe.width + recipe.outputs))
        found = _transformer_gradients(recipe, weights, batch, noise)
        masters = _descend(masters, found, [shift + recipe.rate_shift for shift in shifts])
    return _packed([masters], 2)


def _transformer_gradients(
    recipe: Recipe, weights: list[Matrix], batch: Matrix, noise: list[int]
) -> list[Matrix]:
    inputs = [token for row in batch for token in row[:-1]]
    wanted = [token for row in batch for token in row[1:]]
    cut, logit_shift = len(inputs) * recipe.width, ref_shift(recipe.width) + 2
    blocks, (last, roots), logits = _forward(recipe, weights, inputs, noise[:cut])
    error = []
    for row, target, extra in zip(logits, wanted, _rows(noise[cut:], recipe.outputs), strict=True):
        scores = [ref_divide(x, 2**logit_shift) for x in row]
        likely = [_loss_power(min(max(scores) - score, 241)) for score in scores]
        error.append(
            [
                ref_divide(p << 14, sum(likely)) - (i == target) * 2**14 + 16 * n
                for i, (p, n) in enumerate(zip(likely, extra, strict=True))
            ]
        )
    found = [_product(_turn(last), error)]
    stream = _norm_back(last, roots, _down(_product(error, _turn(weights[-1])), logit_shift))
    for block in reversed(blocks):
        stream, of_block = _block_back(recipe, block, stream)
        found = of_block + found
    of_tokens = [[0] * recipe.width for _ in range(recipe.outputs)]
    of_places = [[0] * recipe.width for _ in range(recipe.tokens)]
    for place, (token, row) in enumerate(zip(inputs, stream, strict=True)):
        of_tokens[token] = [a + b for a, b in zip(of_tokens[token], row, strict=True)]
        at = place % recipe.tokens
        of_places[at] = [a + b for a, b in zip(of_places[at], row, strict=True)]
    return [of_tokens, of_places, *found]


def _norm_back(values: Matrix, roots: list[int], gradient: Matrix) -> Matrix:
    found = []
    for row, root, inner in zip(values, roots, _masked(values, gradient), strict=True):
        along, w = _dot(row, inner), len(row)
        found.append(
            [
                ref_divide(16 * (1024 * w * g - v * along), 32 * w * root)
                for v, g in zip(row, inner, strict=True)
            ]
        )
    return _limited(found)


def _block_back(recipe: Recipe, block: _Block, stream: Matrix) -> tuple[Matrix, list[Matrix]]:
    narrow, wide = ref_shift(recipe.width), ref_shift(4 * recipe.width)
    to_joined, to_attended, to_raised, to_lowered = block.weights
    lowered = _masked(block.lowered, stream)
    raised = _masked(block.raised, _down(_product(lowered, _turn(to_lowered)), wide), 0)
    between = _down(_product(raised, _turn(to_raised)), narrow)
    stream = _limited(_add(stream, _norm_back(block.between, block.between_roots, between)))
    attended = _masked(block.attended, stream)
    mixed = _down(_product(attended, _turn(to_attended)), narrow)
    joined = _masked(block.joined, _attention_back(recipe, block, mixed))
    before = _down(_product(joined, _turn(to_joined)), narrow)
    gradients = [
        _product(_turn(block.before), joined),
        _product(_turn(block.mixed), attended),
        _product(_turn(block.between), raised),
        _product(_turn(block.raised), lowered),
    ]
    return _limited(_add(stream, _norm_back(block.before, block.before_roots, before))), gradients


def _attention_back(recipe: Recipe, block: _Block, mixed: Matrix) -> Matrix:
    w, size = recipe.width, recipe.width // recipe.heads
    sums = [[0] * (3 * w) for _ in mixed]
    for (place, head), taken in block.shares.items():
        out = mixed[place][head * size : (head + 1) * size]
        seen = range(place - place % recipe.tokens, place + 1)
        shares = [ref_divide(p << 15, sum(taken)) for p in taken]
        of_shares = [_dot(out, block.part(j, 2, head, size)) for j in seen]
        mean = ref_divide(_dot(shares, of_shares), 2**15)
        for j, share, of_share in zip(seen, shares, of_shares, strict=True):
            of_score = ref_divide(share * (of_share - mean) * LOG_2, 2 ** (15 + block.score_shift + 4))
            key, query = block.part(j, 1, head, size), block.part(place, 0, head, size)
            for i in range(size):
                sums[place][head * size + i] += of_score * key[i]
                sums[j][w + head * size + i] += of_score * query[i]
                sums[j][2 * w + head * size + i] += share * out[i]
    return [
        [_clip(ref_divide(x, 2 ** (16 if i < 2 * w else 15)), -(2**15), 2**15) for i, x in enumerate(row)]
        for row in sums
    ]
