/// Why a problem could not be stated or solved. Every case carries the facts.
public enum RecoveryError: Error, Equatable, Sendable {
  // MARK: The data

  /// A matrix without rows or without columns.
  case emptyMatrix(rows: Int, columns: Int)
  /// A matrix whose size is beyond what memory, or the 32-bit dimensions of BLAS, can address.
  case matrixTooLarge(rows: Int, columns: Int)
  /// Memory for a matrix that this machine cannot give.
  case outOfMemory(bytes: Int)
  /// A list of matrix elements that is not rows × columns long.
  case elementCount(expected: Int, found: Int)
  /// Lists of entries that make no sparse matrix.
  case malformedSparseMatrix(expected: String, found: String)
  /// A linear operator of the caller's could not answer, for the reason given.
  case operatorFailure(String)
  /// A NaN or an infinity in A: the first one in column-major order.
  case nonFiniteMatrix(row: Int, column: Int, value: Double)
  /// A column of finite entries whose Euclidean norm is beyond the largest double.
  case columnNormOverflow(column: Int)
  /// A NaN or an infinity in y: the first one.
  case nonFiniteObservation(index: Int, value: Double)
  /// An entry of y that makes no sense to the loss.
  case observationOutOfRange(index: Int, value: Double, expected: String)
  /// A loss of the caller's that does not keep the promises of ``Loss``, for the reason given.
  case lossFailure(loss: String, reason: String)
  /// An observation that does not have one entry per row of A.
  case observationLength(expected: Int, found: Int)
  /// Weights that are not one for each row of A.
  case weightsLength(expected: Int, found: Int)
  /// A start vector that does not have one entry per column of A.
  case startLength(expected: Int, found: Int)
  /// A NaN or an infinity in a start vector: the first one.
  case nonFiniteStart(index: Int, value: Double)
  /// A matrix of which no column may be in a support: so many are zero, explained by the intercept
  /// and the columns included, or excluded.
  case noUsableColumn(columns: Int, zero: Int, explained: Int, excluded: Int)
  /// A ridge whose penalty λ · scale_j² of a unit atom is beyond the largest double.
  case penaltyOverflow(column: Int, ridge: Double)
  /// An entry of a start vector that is beyond the range of the engine once it is measured in unit
  /// columns and in the unit of y.
  case startOverflow(index: Int)
  /// A result beyond the largest double.
  case resultOverflow(ResultQuantity)

  // MARK: The request

  /// A sparsity outside 1...n.
  case sparsityOutOfRange(sparsity: Int, columns: Int)
  /// An option of a solver with a value it does not allow.
  case invalidOption(name: String, value: String, expected: String)

  /// A solver that cannot do what the model asks for.
  case unsupportedModel(solver: String, option: String)
  /// A memory of Gram columns that does not hold one support: bytes.
  case cacheTooSmall(needed: Int, given: Int)
  /// Atoms of which a solver would keep a copy on the host that is too large: more rows than it takes,
  /// or more bytes.
  case atomsTooLarge(solver: String, rows: Int, mostRows: Int, bytes: Int, mostBytes: Int)
  /// More supports than an exhaustive search may try.
  case tooManySupports(count: Double, most: Int)

  // MARK: The machine

  /// No device answers to the wanted number or name.
  case noSuchDevice(wanted: String, found: [String])
  /// What was begun in one process, with threads that another one forked from it has not.
  case usedAfterFork(what: String)
  /// The device cannot compute in the wanted precision.
  case precisionUnsupported(device: String, precision: Precision)
  /// The device has, or is allowed, fewer bytes for the matrix than single columns of it need.
  case deviceMemoryTooSmall(device: String, needed: Int, limit: Int)
  /// A call to the device failed.
  case deviceFailure(device: String, call: String, code: Int32, detail: String)
  /// A correlation with the residual came out as NaN, so no support can be selected.
  case nonFiniteCorrelation(engine: String, column: Int)
  /// A LAPACK routine refused its arguments or did not converge.
  case lapackFailure(routine: String, code: Int32)
}

extension RecoveryError {
  /// Whose fault an error is, which decides the exit code of the command line.
  public enum Kind: Sendable {
    /// The numbers given.
    case data
    /// The options given.
    case request
    /// The device wanted.
    case device
    /// The solver itself.
    case `internal`
  }

  /// Whose fault this error is.
  public var kind: Kind {
    switch self {
    case .emptyMatrix, .matrixTooLarge, .outOfMemory, .elementCount, .malformedSparseMatrix,
      .operatorFailure, .nonFiniteMatrix,
      .columnNormOverflow,
      .nonFiniteObservation, .observationOutOfRange, .lossFailure, .observationLength,
      .weightsLength, .startLength, .nonFiniteStart,
      .noUsableColumn, .penaltyOverflow, .startOverflow, .resultOverflow:
      .data
    case .sparsityOutOfRange, .invalidOption, .unsupportedModel, .cacheTooSmall, .tooManySupports,
      .atomsTooLarge:
      .request
    case .noSuchDevice, .usedAfterFork, .precisionUnsupported, .deviceMemoryTooSmall,
      .deviceFailure:
      .device
    case .nonFiniteCorrelation, .lapackFailure: .internal
    }
  }
}

extension RecoveryError: CustomStringConvertible {
  /// One line for a person: what was expected, and what was found.
  public var description: String {
    switch self {
    case .emptyMatrix(let rows, let columns):
      "the matrix is empty: \(rows) × \(columns)"
    case .matrixTooLarge(let rows, let columns):
      "a \(rows) × \(columns) matrix is larger than can be addressed"
    case .outOfMemory(let bytes):
      "a matrix needs \(bytes) bytes, more memory than this machine gives"
    case .elementCount(let expected, let found):
      "expected \(expected) matrix elements, found \(found)"
    case .malformedSparseMatrix(let expected, let found):
      "a sparse matrix: expected \(expected), found \(found)"
    case .operatorFailure(let reason):
      "the linear operator could not answer: \(reason)"
    case .nonFiniteMatrix(let row, let column, let value):
      "expected finite numbers, found \(value.plain) in row \(row), column \(column) of the matrix"
    case .columnNormOverflow(let column):
      "column \(column) of the matrix has a norm beyond the largest double"
    case .nonFiniteObservation(let index, let value):
      "expected finite numbers, found \(value.plain) at index \(index) of the observation"
    case .observationOutOfRange(let index, let value, let expected):
      "expected \(expected), found \(value) at index \(index) of the observation"
    case .lossFailure(let loss, let reason):
      "the \(loss.oneLine(limit: 80)) loss failed: \(reason)"
    case .observationLength(let expected, let found):
      "expected an observation of length \(expected) (the rows of the matrix), found \(found)"
    case .weightsLength(let expected, let found):
      "expected \(expected) weights (the rows of the matrix), found \(found)"
    case .startLength(let expected, let found):
      "expected a start vector of length \(expected) (the columns of the matrix), found \(found)"
    case .nonFiniteStart(let index, let value):
      "expected finite numbers, found \(value.plain) at index \(index) of the start vector"
    case .noUsableColumn(let columns, let zero, let explained, let excluded):
      Self.noUsableColumn(columns, zero, explained, excluded)
    case .penaltyOverflow(let column, let ridge):
      "the ridge \(ridge) is beyond the largest double beside the norm of column \(column): "
        + "expected a smaller ridge, or columns of larger numbers"
    case .startOverflow(let index):
      "entry \(index) of the start vector is too large beside the observation and column \(index) "
        + "of the matrix: expected coefficients of the size that explains the observation"
    case .resultOverflow(let quantity):
      "\(quantity) is beyond the largest double: "
        + "multiply the matrix, or divide the observation, by a power of ten"
    case .sparsityOutOfRange(let sparsity, let columns):
      "expected a sparsity from 1 to \(columns) (the columns of the matrix), found \(sparsity)"
    case .invalidOption(let name, let value, let expected):
      "\(name): expected \(expected), found \(value)"
    case .unsupportedModel(let solver, let option):
      "\(solver) cannot solve with \(option)"
    case .cacheTooSmall(let needed, let given):
      "the Gram columns of one support need \(needed) bytes, the cache has \(given)"
    case .atomsTooLarge(let solver, let rows, let mostRows, let bytes, let mostBytes):
      "\(solver) works on a copy of the atoms: expected at most \(mostRows) rows and \(mostBytes) bytes, "
        + "found \(rows) rows and \(bytes) bytes; amp works on problems of any size"
    case .tooManySupports(let count, let most):
      "an exhaustive search tries at most \(most) supports, here are \(count)"
    case .noSuchDevice(let wanted, let found):
      found.isEmpty
        ? "no OpenCL device was found on this machine"
        : "no OpenCL device matches \(wanted); found: \(found.joined(separator: "; "))"
    case .usedAfterFork(let what):
      "\(what) cannot be used in a process that was forked from the one that began with it: expected a "
        + "process that was started anew"
    case .precisionUnsupported(let device, let precision):
      "\(device) cannot compute in \(precision) precision"
    case .deviceMemoryTooSmall(let device, let needed, let limit):
      "\(device): the matrix needs \(needed) bytes of memory at least, and may take \(limit)"
    case .deviceFailure(let device, let call, let code, let detail):
      "\(device): \(call) failed with code \(code)" + (detail.isEmpty ? "" : ": \(detail)")
    case .nonFiniteCorrelation(let engine, let column):
      "\(engine): the correlation of column \(column) with the residual is not a number"
    case .lapackFailure(let routine, let code):
      "LAPACK \(routine) failed with code \(code)"
    }
  }

  private static func noUsableColumn(
    _ columns: Int, _ zero: Int, _ explained: Int, _ excluded: Int
  ) -> String {
    let causes = [
      (zero, "zero"), (explained, "explained by the intercept and the columns included"),
      (excluded, "excluded"),
    ].filter { $0.0 > 0 }
    if causes.count == 1, causes[0].0 == columns {
      return "all \(columns) columns of the matrix are \(causes[0].1)"
    }
    return "none of the \(columns) columns of the matrix can be selected: "
      + causes.map { "\($0.0) \($0.0 == 1 ? "is" : "are") \($0.1)" }.joined(separator: ", ")
  }
}

/// A number of a result.
public enum ResultQuantity: Equatable, Sendable, CustomStringConvertible {
  /// The coefficient of a column of A as given.
  case coefficient(column: Int)
  /// The constant added to Ax.
  case intercept
  /// ‖W^½(Ax + b − y)‖₂.
  case residualNorm
  /// A sum of squares within the least squares on a support.
  case leastSquares

  /// What it is, for a message.
  public var description: String {
    switch self {
    case .coefficient(let column): "the coefficient of column \(column)"
    case .intercept: "the intercept"
    case .residualNorm: "the norm of the residual"
    case .leastSquares: "a product of columns of the matrix"
    }
  }
}

extension String {
  /// The text as part of a message, whatever file it is from: on one line, without what controls a
  /// terminal, and cut short after `limit` code points.
  package func oneLine(limit: Int = .max) -> String {
    let scalars = unicodeScalars.prefix(limit).map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: "?"
      default: scalar
      }
    }
    return String(UnicodeScalarView(scalars)) + (unicodeScalars.count > limit ? "…" : "")
  }
}

extension Double {
  /// The number; of a NaN without what else is in its bits, such as R's sign for a missing value.
  fileprivate var plain: String { isNaN ? "nan" : "\(self)" }
}
