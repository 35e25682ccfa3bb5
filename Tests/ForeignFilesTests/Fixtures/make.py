# Writes the files beside it: SciPy's, and zeros.gz, 1 MiB of text. v73.mat and complex73.mat were written by libmatio, and large.mat is
# v5.mat with one byte changed, of which libmatio 1.5.23 makes a matrix of 2 GiB.
import gzip
import numpy as np, scipy.io as sio, scipy.sparse as sp
A = np.array([[1.5, -2, 0], [3, 4.25, 1e300]])
y = np.array([[7.0], [8.0]])
S = sp.csc_matrix(np.array([[0, 5.0, 0], [0, 0, 0], [-2.5, 0, 1]]))
sio.savemat("v4.mat", {"A": A, "y": y}, format="4")
sio.savemat("v5.mat", {"A": A, "y": y, "text": "hello", "z": A * 1j, "c": np.array([1, "a"], dtype=object), "s": {"f": 1}, "S": S, "i": np.array([[1, -2], [3, 127]], dtype=np.int8), "b": np.array([[True, False]]), "f": A.astype(np.float32)[:, :2], "cube": np.zeros((2,2,2)), "empty": np.zeros((0,3))})
sio.savemat("one.mat", {"A": A, "text": "hello"}, do_compression=True)
sio.savemat("sparse.mat", {"S": S})
sio.savemat("none.mat", {"text": "hello"})
Z = A + 1j * np.array([[0.5, 0, -1], [2, -3.5, 7]])
sio.savemat("complex4.mat", {"Z": Z, "A": A}, format="4")
sio.savemat("complex.mat", {"A": A, "Z": Z, "w": Z[:1], "f": Z[:, :2].astype(np.complex64), "S": S * (1 + 2j)})
sio.savemat("complexone.mat", {"Z": Z, "text": "hello"}, do_compression=True)
sp.save_npz("deflated.npz", sp.csr_matrix(A))
np.savez_compressed("two.npz", A=A, y=y)
with open("zeros.gz", "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as g:
    g.write(b"0\n" * (1 << 19))
