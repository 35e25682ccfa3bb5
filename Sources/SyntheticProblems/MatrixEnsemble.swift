import Glibc
public import SparseCore

/// A family of matrices to draw from: those on which sparse recovery is usually measured.
public enum MatrixEnsemble: Equatable, Sendable {
  /// Independent standard normal entries, each column then scaled to unit norm, as in most of the
  /// literature, unless `unitColumns` is false.
  case gaussian(rows: Int, columns: Int, unitColumns: Bool = true)
  /// Independent entries ±1/√m of fair sign: unit columns.
  case bernoulli(rows: Int, columns: Int)
  /// Independent entries uniform on (0, 1], each column then scaled to unit norm: all columns point
  /// to the same side, and any two of them have a coherence near 3/4.
  case uniform(rows: Int, columns: Int)
  /// Rows of the orthonormal n × n discrete cosine transform (DCT-II), chosen at random and kept in
  /// order: orthonormal rows, for m ≤ n.
  case dct(rows: Int, columns: Int)
  /// Independent normal rows in which columns i and j have covariance ρ^|i−j|, for −1 < ρ < 1.
  case toeplitz(rows: Int, columns: Int, correlation: Double)
  /// Convolution with a kernel `width` samples wide, n × n: entry (i, j) is the kernel at the
  /// distance of i and j, and columns are scaled to unit norm. Neighbouring columns are almost
  /// parallel: the hard case.
  case deconvolution(
    size: Int, width: Double, kernel: BlurKernel = .gaussian, boundary: Boundary = .circulant)

  /// The name of the family.
  public var name: String {
    switch self {
    case .gaussian: "gaussian"
    case .bernoulli: "bernoulli"
    case .uniform: "uniform"
    case .dct: "dct"
    case .toeplitz: "toeplitz"
    case .deconvolution: "deconvolution"
    }
  }

  /// The number of rows, m.
  public var rows: Int {
    switch self {
    case .gaussian(let rows, _, _), .bernoulli(let rows, _), .uniform(let rows, _),
      .dct(let rows, _), .toeplitz(let rows, _, _), .deconvolution(let rows, _, _, _):
      rows
    }
  }

  /// The number of columns, n.
  public var columns: Int {
    switch self {
    case .gaussian(_, let columns, _), .bernoulli(_, let columns), .uniform(_, let columns),
      .dct(_, let columns), .toeplitz(_, let columns, _), .deconvolution(let columns, _, _, _):
      columns
    }
  }

  /// Draws a matrix: the one that belongs to `seed`, whatever the number of threads.
  ///
  /// O(m · n) time on all processors; 8 · m · n bytes.
  ///
  /// - Throws: ``RecoveryError/emptyMatrix(rows:columns:)``,
  ///   ``RecoveryError/matrixTooLarge(rows:columns:)`` or
  ///   ``RecoveryError/invalidOption(name:value:expected:)`` for another parameter of this case.
  public func matrix(seed: UInt64) throws(RecoveryError) -> Matrix<Double> {
    try validate()
    return try Matrix(rows: rows, columns: columns) { entries in
      let target = ColumnWriter(entries: entries, rows: rows, columns: columns)
      switch self {
      case .gaussian(_, _, let unitColumns): target.gaussian(seed: seed, unitColumns: unitColumns)
      case .bernoulli: target.bernoulli(seed: seed)
      case .uniform: target.uniform(seed: seed)
      case .dct: target.dct(seed: seed)
      case .toeplitz(_, _, let correlation): target.toeplitz(seed: seed, correlation: correlation)
      case .deconvolution(_, let width, let kernel, let boundary):
        target.deconvolution(kernel, width: width, boundary: boundary)
      }
    }
  }

  private func validate() throws(RecoveryError) {
    guard rows > 0, columns > 0 else { throw .emptyMatrix(rows: rows, columns: columns) }
    switch self {
    case .gaussian, .bernoulli, .uniform: break
    case .dct:
      guard rows <= columns else {
        throw .invalidOption(
          name: "rows", value: "\(rows)", expected: "at most \(columns) (the columns)")
      }
      guard columns <= ColumnWriter.largestTransform else {
        throw .invalidOption(
          name: "columns", value: "\(columns)", expected: "at most \(ColumnWriter.largestTransform)"
        )
      }
    case .toeplitz(_, _, let correlation):
      guard abs(correlation) < 1 else {
        throw .invalidOption(
          name: "correlation", value: "\(correlation)", expected: "a number between -1 and 1")
      }
    case .deconvolution(_, let width, _, _):
      guard width > 0, width.isFinite else {
        throw .invalidOption(
          name: "width", value: "\(width)", expected: "a positive number of samples")
      }
    }
  }
}

/// What a spike becomes when it is blurred, by its distance t from the spike in widths.
public enum BlurKernel: String, CaseIterable, Sendable, Encodable {
  /// exp(−t²/2): a Gaussian of standard deviation one width.
  case gaussian
  /// (1 − t²) exp(−t²/2), the second derivative of a Gaussian: a wavelet of seismology.
  case ricker
  /// exp(−t), falling to both sides.
  case exponential

  /// The kernel at a distance of t ≥ 0 widths, infinity included; 1 at zero.
  func value(at t: Double) -> Double {
    switch self {
    case .gaussian: exp(-t * t / 2)
    // Far out the square may overflow where the exponential has long vanished.
    case .ricker: t < 100 ? (1 - t * t) * exp(-t * t / 2) : 0
    case .exponential: exp(-t)
    }
  }
}

/// What happens to a blurred spike at the ends of the samples.
public enum Boundary: String, CaseIterable, Sendable, Encodable {
  /// It goes on at the other end.
  case circulant
  /// What lies outside is not observed; the column is scaled to unit norm all the same.
  case truncated
}
