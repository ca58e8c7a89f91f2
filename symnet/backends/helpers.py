"""The array functions that a program defines for itself: name → parameters and body, in NumPy."""

from __future__ import annotations

PARAMETERS = {
    "maximum": "*x", "minimum": "*x", "conv": "x, k, s, p", "conv_input": "g, k, s, p, shape",
    "conv_kernel": "x, g, s, p, shape", "max_pool": "x, k, s", "unpool": "g, x, k, s", "picked": "c, x, k, s",
}  # fmt: skip
HELPERS: dict[str, tuple[str, ...]] = {
    "softmax": (
        "e = np.exp(x - np.max(x, axis=-1, keepdims=True))",
        "return e/np.sum(e, axis=-1, keepdims=True)",
    ),
    "logsoftmax": (
        "s = x - np.max(x, axis=-1, keepdims=True)",
        "return s - np.log(np.sum(np.exp(s), axis=-1, keepdims=True))",
    ),
    "lse": (
        "m = np.max(x, axis=-1, keepdims=True)",
        "return np.squeeze(m, -1) + np.log(np.sum(np.exp(x - m), axis=-1))",
    ),
    "logdet": ("sign, value = np.linalg.slogdet(x)", "return value if sign > 0 else np.nan"),
    "adjugate": (  # det(U) det(V) V diag(products of the other singular values) Uᵀ
        "u, s, v = np.linalg.svd(x)",
        "others = np.prod(np.where(np.diag(0.0*s + 1.0) > 0, 1.0, s), axis=1)",
        "return np.linalg.det(u)*np.linalg.det(v)*(v.T*others) @ u.T",
    ),
    "expm": (  # scaling and squaring of the Taylor series: Moler and Van Loan (2003), method 3
        "doublings = max(0, int(np.ceil(np.log2(max(np.linalg.norm(x, 1), 1e-300)))) + 3)",
        "part = total = np.eye(len(x))",
        "for k in range(1, 16):",
        "    part = part @ x/(k*2.0**doublings)",
        "    total = total + part",
        "return np.linalg.matrix_power(total, 2**doublings)",
    ),
    "conv": (
        "windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, p), k.shape)",
        "return np.tensordot(windows[(slice(None, None, s),)*x.ndim], k, x.ndim)",
    ),
    "conv_input": (
        "wide = np.zeros([n + 2*p + m - 1 for n, m in zip(shape, k.shape)])  # g spread by the stride, zeros around it",
        "wide[tuple(slice(m - 1, m + s*(n - 1), s) for m, n in zip(k.shape, g.shape))] = g",
        "full = np.tensordot(np.lib.stride_tricks.sliding_window_view(wide, k.shape), np.flip(k), g.ndim)",
        "return full[tuple(slice(p, p + n) for n in shape)]",
    ),
    "conv_kernel": (
        "wide = np.zeros([s*(n - 1) + 1 for n in g.shape])  # g spread by the stride",
        "wide[(slice(None, None, s),)*g.ndim] = g",
        "windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, p), wide.shape)",
        "return np.tensordot(windows, wide, g.ndim)[tuple(slice(n) for n in shape)]",
    ),
    "max_pool": (
        "windows = np.lib.stride_tricks.sliding_window_view(x, (k,)*x.ndim)[(slice(None, None, s),)*x.ndim]",
        "return windows.max(axis=tuple(range(x.ndim, 2*x.ndim)))",
    ),
    "unpool": (
        "out = np.zeros(x.shape)  # g goes to the first largest element of each window",
        "for place in np.ndindex(g.shape):",
        "    window = tuple(slice(s*i, s*i + k) for i in place)",
        "    at = np.unravel_index(np.argmax(x[window]), x[window].shape)",
        "    out[window][at] += g[place]",
        "return out",
    ),
    "picked": (
        "windows = np.lib.stride_tricks.sliding_window_view(x, (k,)*x.ndim)[(slice(None, None, s),)*x.ndim]",
        "mine = np.lib.stride_tricks.sliding_window_view(c, (k,)*x.ndim)[(slice(None, None, s),)*x.ndim]",
        "flat = windows.shape[:x.ndim] + (-1,)",
        "largest = np.argmax(windows.reshape(flat), axis=-1)[..., None]",
        "return np.take_along_axis(mine.reshape(flat), largest, axis=-1)[..., 0]",
    ),
    "maximum": ("import functools", "return functools.reduce(np.maximum, x)"),
    "minimum": ("import functools", "return functools.reduce(np.minimum, x)"),
}  # fmt: skip
