"""The recipes of spec/recipe.md again, in plain Python: lists, integers of any size, one loop after the other.

Written from the specification and slow. It shares no code with allstop but the figures of a `Recipe`.
"""

import hashlib
import itertools
from collections.abc import Iterator, Sequence

from allstop.transcript import Recipe

Matrix = list[list[int]]
LOG_2 = 45426


def ref_execute(recipe: Recipe, *, before: bytes, given: bytes, nonce: bytes) -> bytes:
    """Return what `Interpreter.execute` promises."""
    if recipe.kind.is_transformer:
        run = _train_transformer if recipe.kind.is_training else _infer_transformer
    else:
        run = _train_mlp if recipe.kind.is_training else _infer_mlp
    products = RefProducts(nonce)
    model = before[:-32] if recipe.kind.is_training else before
    return run(recipe, model, given, products) + hashlib.sha256(products.folds).digest()


def ref_keystream(key: bytes) -> Iterator[int]:
    """Yield the bytes of ChaCha20, RFC 8439 section 2.3, with a nonce of zeros."""
    for block in itertools.count():
        words = b"expand 32-byte k" + key + block.to_bytes(4, "little") + bytes(12)
        start = [int.from_bytes(words[i : i + 4], "little") for i in range(0, 64, 4)]
        state = list(start)
        for a, b, c, d in QUARTERS * 10:
            for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[x] = (state[x] + state[y]) % 2**32
                mixed = state[z] ^ state[x]
                state[z] = (mixed << turn | mixed >> 32 - turn) % 2**32
        for first, last in zip(start, state, strict=True):
            yield from ((first + last) % 2**32).to_bytes(4, "little")


QUARTERS = [(i, 4 + (i + j) % 4, 8 + (i + 2 * j) % 4, 12 + (i + 3 * j) % 4) for j in (0, 1) for i in range(4)]


class RefProducts:
    """The products of an item, in order: dithered factors in, exact sums out, folds kept."""

    def __init__(self, nonce: bytes) -> None:
        self.stream = ref_keystream(hashlib.sha256(b"allstop dither v1\n" + nonce).digest())
        self.folds = b"allstop trace v1\n"

    def noise(self, count: int) -> list[int]:
        """Return the next dither."""
        data = list(itertools.islice(self.stream, 8 * -(-count // 16)))
        return [2 * half - 15 for half in [x % 16 for x in data] + [x // 16 for x in data]][:count]

    def dithered(self, stack: list[Matrix]) -> list[Matrix]:
        """Return the matrices of a stack plus the next dither."""
        noise = iter(self.noise(sum(len(row) for a in stack for row in a)))
        return [[[x + next(noise) for x in row] for row in a] for a in stack]

    def stacks(self, a: list[Matrix], b: list[Matrix]) -> list[Matrix]:
        """Return the products of the matrices of two stacks."""
        left, right = self.dithered(a), self.dithered(b)
        found = [_product(x, y) for x, y in zip(left, right, strict=True)]
        for sums in found:
            for column in _turn(sums):
                folded = 0
                for z in column:
                    mixed = z * 2654435769 % 2**32
                    folded ^= mixed ^ mixed >> 15
                self.folds += folded.to_bytes(4, "little")
        return found

    def of(self, a: Matrix, b: Matrix) -> Matrix:
        """Return the product of two matrices."""
        return self.stacks([a], [b])[0]


def ref_divide(over: int, under: int) -> int:
    """Divide and round to nearest, ties to even."""
    down, left = divmod(over, under)
    return down + (2 * left > under or (2 * left == under and down % 2 == 1))


def ref_shift(inner: int) -> int:
    """Return the shift after a product."""
    return 5 + len(f"{inner:b}") // 2


def _clip(value: int, low: int = -112, high: int = 112) -> int:
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


def _masked(values: Matrix, gradient: Matrix, low: int = -112) -> Matrix:
    return [
        [g if low < v < 112 else 0 for v, g in zip(vs, gs, strict=True)]
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
    weights = [_clip(weight) for weight in weights]
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
    recipe: Recipe, weights: list[Matrix], given: Sequence[int], products: RefProducts
) -> list[Matrix]:
    """Return the input of every layer."""
    found = [_rows([_clip(g) for g in given], recipe.width)]
    for layer in weights[:-1]:
        found.append(_each(products.of(found[-1], layer), 2 ** ref_shift(recipe.width), 0, 112))
    return found


def _infer_mlp(recipe: Recipe, model: bytes, given: bytes, products: RefProducts) -> bytes:
    weights = _cut(_integers(model, 1, signed=True), _mlp_shapes(recipe))
    inputs = _mlp_inputs(recipe, weights, _integers(given, 1, signed=True), products)
    return _packed(products.of(inputs[-1], weights[-1]), 4)


def _train_mlp(recipe: Recipe, model: bytes, given: bytes, products: RefProducts) -> bytes:
    masters, shift = _integers(model, 2, signed=True), ref_shift(recipe.width)
    cut = recipe.rows * recipe.width
    for batch in _rows(_integers(given, 1, signed=True), len(given) // recipe.steps):
        weights = _cut([m // 256 for m in masters], _mlp_shapes(recipe))
        inputs = _mlp_inputs(recipe, weights, batch[:cut], products)
        outputs = products.of(inputs[-1], weights[-1])
        wanted = _rows([-16 * t for t in batch[cut:]], recipe.outputs)
        error = _limited(_add(_each(outputs, 2 ** (shift - 4), -(2**60), 2**60), wanted))
        found = [products.of(_turn(inputs[-1]), error)]
        for layer in range(recipe.layers, 0, -1):
            error = _masked(inputs[layer], _down(products.of(error, _turn(weights[layer])), shift), 0)
            found.insert(0, products.of(_turn(inputs[layer - 1]), error))
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
    low, high = 0, 2 ** (bits + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**16 <= 2**exponent else (low, middle)
    return low


POWERS = [ref_power(15, i) for i in range(242)]


def _norm(stream: Matrix) -> tuple[Matrix, list[int]]:
    roots = [max(1, _root(256 * sum(x * x for x in row) // len(row))) for row in stream]
    values = [
        [_clip(ref_divide(512 * x, root)) for x in row] for row, root in zip(stream, roots, strict=True)
    ]
    return values, roots


class _Block:
    """One block: everything that its gradient needs. Stacks hold one matrix for each sequence and head."""

    def __init__(self, recipe: Recipe, weights: list[Matrix], stream: Matrix, products: RefProducts) -> None:
        w, shift = recipe.width, 2 ** ref_shift(recipe.width)
        self.weights = weights
        self.before, self.before_roots = _norm(stream)
        self.joined = _each(products.of(self.before, weights[0]), shift, -112, 112)
        size = w // recipe.heads
        self.score_shift = 8 + len(f"{size:b}") // 2
        self.queries, self.keys, self.values = (
            _heads(recipe, [row[part * w : (part + 1) * w] for row in self.joined]) for part in range(3)
        )
        scores = products.stacks(self.queries, [_turn(keys) for keys in self.keys])
        self.shares = [[self.share(row, i) for i, row in enumerate(head)] for head in scores]
        mixed = [
            [[_clip(ref_divide(x, sum(taken))) for x in row] for row, taken in zip(head, shares, strict=True)]
            for head, shares in zip(products.stacks(self.shares, self.values), self.shares, strict=True)
        ]
        self.mixed = _joined(recipe, mixed)
        self.attended = _each(products.of(self.mixed, weights[1]), shift, -112, 112)
        self.between, self.between_roots = _norm(_add(stream, self.attended))
        self.raised = _each(products.of(self.between, weights[2]), shift, 0, 112)
        self.lowered = _each(products.of(self.raised, weights[3]), 2 ** ref_shift(4 * w), -112, 112)

    def share(self, sums: list[int], place: int) -> list[int]:
        """Return how much the token at a place takes from each."""
        scores = [ref_divide(x, 2**self.score_shift) for x in sums[: place + 1]]
        taken = [POWERS[min(max(scores) - score, 241)] for score in scores]
        return taken + [0] * (len(sums) - place - 1)


def _heads(recipe: Recipe, joined: Matrix) -> list[Matrix]:
    """Cut rows of W columns by sequence, then by head."""
    size, t = recipe.width // recipe.heads, recipe.tokens
    return [
        [row[h * size : (h + 1) * size] for row in joined[r * t : (r + 1) * t]]
        for r in range(recipe.rows)
        for h in range(recipe.heads)
    ]


def _joined(recipe: Recipe, stack: list[Matrix]) -> Matrix:
    """Join what `_heads` cut."""
    h = recipe.heads
    return [
        [x for head in stack[r * h : (r + 1) * h] for x in head[place]]
        for r in range(recipe.rows)
        for place in range(recipe.tokens)
    ]


def _dot(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _forward(
    recipe: Recipe, weights: list[Matrix], tokens: list[int], products: RefProducts
) -> tuple[list[_Block], tuple[Matrix, list[int]], Matrix]:
    stream = [
        [e + p for e, p in zip(weights[0][token], weights[1][i % recipe.tokens], strict=True)]
        for i, token in enumerate(tokens)
    ]
    blocks = []
    for layer in range(recipe.layers):
        block = _Block(recipe, weights[2 + 4 * layer : 6 + 4 * layer], stream, products)
        stream = _add(_add(stream, block.attended), block.lowered)
        blocks.append(block)
    last = _norm(stream)
    return blocks, last, products.of(last[0], weights[-1])


def _infer_transformer(recipe: Recipe, model: bytes, given: bytes, products: RefProducts) -> bytes:
    weights = _cut(_integers(model, 1, signed=True), _transformer_shapes(recipe))
    _, _, logits = _forward(recipe, weights, _integers(given, 2, signed=False), products)
    return b"".join(row.index(max(row)).to_bytes(2, "little") for row in logits) + _packed(
        [[max(row)] for row in logits], 4
    )


# The transformer, backward.


def _train_transformer(recipe: Recipe, model: bytes, given: bytes, products: RefProducts) -> bytes:
    masters, tokens = _integers(model, 2, signed=True), _integers(given, 2, signed=False)
    narrow, wide = ref_shift(recipe.width), ref_shift(4 * recipe.width)
    shifts = [0, 0, *[narrow, narrow, narrow, wide] * recipe.layers, narrow + 2]
    for step in range(recipe.steps):
        size = recipe.rows * (recipe.tokens + 1)
        batch = _rows(tokens[step * size : (step + 1) * size], recipe.tokens + 1)
        weights = _cut([m // 256 for m in masters], _transformer_shapes(recipe))
        found = _transformer_gradients(recipe, weights, batch, products)
        masters = _descend(masters, found, [shift + recipe.rate_shift for shift in shifts])
    return _packed([masters], 2)


def _transformer_gradients(
    recipe: Recipe, weights: list[Matrix], batch: Matrix, products: RefProducts
) -> list[Matrix]:
    inputs = [token for row in batch for token in row[:-1]]
    wanted = [token for row in batch for token in row[1:]]
    logit_shift = ref_shift(recipe.width) + 2
    blocks, (last, roots), logits = _forward(recipe, weights, inputs, products)
    error = []
    for row, target in zip(logits, wanted, strict=True):
        scores = [ref_divide(x, 2**logit_shift) for x in row]
        likely = [POWERS[min(max(scores) - score, 241)] for score in scores]
        error.append([ref_divide(p << 14, sum(likely)) - (i == target) * 2**14 for i, p in enumerate(likely)])
    found = [products.of(_turn(last), error)]
    stream = _norm_back(last, roots, _down(products.of(error, _turn(weights[-1])), logit_shift))
    for block in reversed(blocks):
        stream, of_block = _block_back(recipe, block, stream, products)
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


def _block_back(
    recipe: Recipe, block: _Block, stream: Matrix, products: RefProducts
) -> tuple[Matrix, list[Matrix]]:
    narrow, wide = ref_shift(recipe.width), ref_shift(4 * recipe.width)
    to_joined, to_attended, to_raised, to_lowered = block.weights
    lowered = _masked(block.lowered, stream)
    of_lowered = products.of(_turn(block.raised), lowered)
    raised = _masked(block.raised, _down(products.of(lowered, _turn(to_lowered)), wide), 0)
    of_raised = products.of(_turn(block.between), raised)
    between = _down(products.of(raised, _turn(to_raised)), narrow)
    stream = _limited(_add(stream, _norm_back(block.between, block.between_roots, between)))
    attended = _masked(block.attended, stream)
    of_attended = products.of(_turn(block.mixed), attended)
    mixed = _down(products.of(attended, _turn(to_attended)), narrow)
    joined = _masked(block.joined, _attention_back(recipe, block, mixed, products))
    of_joined = products.of(_turn(block.before), joined)
    before = _down(products.of(joined, _turn(to_joined)), narrow)
    stream = _limited(_add(stream, _norm_back(block.before, block.before_roots, before)))
    return stream, [of_joined, of_attended, of_raised, of_lowered]


def _attention_back(recipe: Recipe, block: _Block, mixed: Matrix, products: RefProducts) -> Matrix:
    out = _heads(recipe, mixed)
    shares = [[[ref_divide(p << 15, sum(row)) for p in row] for row in head] for head in block.shares]
    of_shares = products.stacks(out, [_turn(values) for values in block.values])
    of_scores = [
        [
            [
                ref_divide(
                    share * (a - ref_divide(_dot(row, found), 2**15)) * LOG_2,
                    2 ** (15 + block.score_shift + 4),
                )
                for share, a in zip(row, found, strict=True)
            ]
            for row, found in zip(head, all_found, strict=True)
        ]
        for head, all_found in zip(shares, of_shares, strict=True)
    ]
    sums = (
        (products.stacks(of_scores, block.keys), 16),
        (products.stacks([_turn(head) for head in of_scores], block.queries), 16),
        (products.stacks([_turn(head) for head in shares], out), 15),
    )
    parts = [_joined(recipe, [_down(head, bits) for head in stack]) for stack, bits in sums]
    return [[x for row in rows for x in row] for rows in zip(*parts, strict=True)]
