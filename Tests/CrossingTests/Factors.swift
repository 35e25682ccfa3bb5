import Glibc
import SparseRecovery

/// What solves: every solver by its name, the portfolio, a path, and some of one support for several observations.
struct Method: Factor {
  static let name = "method"
  static let allCases =
    Algorithm.all.map { Method(rawValue: $0.name) } + [.portfolio, .path] + joint
  static let joint = [
    "sea", "omp", "ols", "htp", "els", "tabu", "amp", "vamp", "exhaustive", "bnb", "portfolio",
  ].map { Method(rawValue: "joint \($0)") }
  static let portfolio = Method(rawValue: Portfolio.name)
  static let path = Method(rawValue: SparsityPath.name)

  let rawValue: String

  static func named(_ names: String...) -> [Method] { names.map(Method.init) }

  /// What finds one support for several observations, where it is to.
  func jointSolver(_ limits: Limits) -> (any ResumableSolver)? {
    guard rawValue.hasPrefix("joint ") else { return nil }
    return Algorithm.named(String(rawValue.dropFirst(6)))?.solver(limits)
      ?? Portfolio(limits: limits)
  }

  /// Whether the result is promised to be the best of all supports.
  var findsOptimum: Bool {
    Method.named(
      "exhaustive", "bnb", "portfolio", "path", "joint exhaustive", "joint bnb", "joint portfolio"
    ).contains(self)
  }
}

/// Where a search begins.
enum Start: String, Factor {
  static let name = "start"
  case own, zero, correlation, omp, vector
}

/// How gradients are computed.
enum GradientWay: String, Factor {
  static let name = "gradient"
  case auto, direct, gram, blocked
}

/// The backend, and how precisely it stores atoms.
enum Place: String, Factor {
  static let name = "place"
  case cpu, reference, opencl
  case openclSingle = "opencl single"
  case openclHalf = "opencl half"

  static let allCases: [Place] =
    [.cpu, .reference]
    + (OpenCLBackend.devices().isEmpty ? [] : [.opencl, .openclSingle, .openclHalf])

  private static let devices = Result {
    try [AtomStorage.full, .single, .half].map {
      try OpenCLBackend(precision: .double, kernels: .native, storage: $0)
    }
  }

  /// One backend for all rows: kernels are compiled once.
  func backend() throws -> any Backend {
    switch self {
    case .cpu: CPUBackend(threads: 1)
    case .reference: ReferenceBackend()
    case .opencl: try Self.devices.get()[0]
    case .openclSingle: try Self.devices.get()[1]
    case .openclHalf: try Self.devices.get()[2]
    }
  }
}

/// The precision of gradients.
enum Digits: String, Factor {
  static let name = "precision"
  case double, single

  var precision: Precision { self == .double ? .double : .single }
}

/// The weights of the rows. In a row of weight zero stands what marks a number as missing.
enum Weights: String, Factor {
  static let name = "weights"
  case none, random, steep
  /// How many rows each row stands for.
  case frequencies
  case zeroTwenty = "zero with 1e20"
  case zeroNetCDF = "zero with 9.97e36"
  case zeroHuge = "zero with 1e300"
  case zeroNaN = "zero with NaN"
  case zeroInfinity = "zero with infinity"

  /// What stands in rows of weight zero, where there are such rows.
  var fill: Double? {
    switch self {
    case .none, .random, .steep, .frequencies: nil
    case .zeroTwenty: 1e20
    case .zeroNetCDF: 9.969209968386869e36
    case .zeroHuge: 1e300
    case .zeroNaN: .nan
    case .zeroInfinity: .infinity
    }
  }
}

/// What is taken off the columns.
enum Centre: String, Factor {
  static let name = "centre"
  case none, intercept, standardize
}

/// λ.
enum Ridge: String, Factor {
  static let name = "ridge"
  case none, small, large

  var value: Double {
    switch self {
    case .none: 0
    case .small: 1e-3
    case .large: 20
    }
  }
}

/// What is minimised.
enum Minimised: String, Factor {
  static let name = "loss"
  case squares, logistic, huber, poisson

  /// The loss.
  var loss: any Loss {
    get throws {
      switch self {
      case .squares: SquaredLoss()
      case .logistic: LogisticLoss()
      case .huber: try HuberLoss(threshold: 1)
      case .poisson: PoissonLoss()
      }
    }
  }

  /// An observation of its kind: labels that no column tells apart without fault, numbers of which one is far off, or
  /// counts, where the numbers given are large.
  func observation(_ y: [Double]) -> [Double] {
    let mean = y.reduce(0, +) / Double(y.count)
    let spread = max(
      (y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(y.count)).squareRoot(), 1e-3)
    return y.enumerated().map { i, y in
      switch self {
      case .squares: y
      case .logistic: (y > mean) == (i % 5 != 2) ? 1 : 0
      case .huber: i == 1 ? y + 30 : y
      case .poisson: (2 * exp(min(max((y - mean) / spread, -2), 2))).rounded()
      }
    }
  }
}

/// Columns that are in every support.
enum Include: String, Factor {
  static let name = "include"
  case none, two
}

/// Columns that are in no support.
enum Exclude: String, Factor {
  static let name = "exclude"
  case none, some
}

/// Whether columns are selected in groups, which do not stand side by side.
enum Groups: String, Factor {
  static let name = "groups"
  case none, interleaved
}

/// Whether coefficients must not be negative.
enum Signs: String, Factor {
  static let name = "signs"
  case any, nonnegative
}

/// Whether columns are compared as if they had unit norm.
enum Lengths: String, Factor {
  static let name = "lengths"
  case unit, given
}

/// How many observations, and whether they share one support.
enum Observations: String, Factor {
  static let name = "observations"
  case one, several, joint
}

/// What the matrix is like.
enum Kind: String, Factor {
  static let name = "matrix"
  case gaussian, coherent, duplicated, tall, wide
  case oneRow = "one row"
  case oneColumn = "one column"
  case constant = "constant and zero columns"
}

/// Where the entries of A are: in memory; behind an operator that gives columns and nothing else; in a sparse matrix, which
/// gives inner products; in a text table with y,
/// weights and names, or in one of which some rows lack a value; in a file of MATLAB; in the few rows that are made of a
/// table taken in part after part; or in a complex matrix.
enum Entries: String, Factor {
  static let name = "entries"
  case memory, columns, sparse, table
  case gaps = "table with gaps"
  case matlab = "file of MATLAB"
  case few = "few rows for all"
  case complex
}

/// How a text table is written.
enum Writing: String, Factor {
  static let name = "writing"
  case commas, tabs
  case decimalCommas = "decimal commas"
  case gzip
}

/// Whether the supports that come next are asked for too.
enum Others: String, Factor {
  static let name = "others"
  case none, alternatives
}

/// How long a portfolio searches.
enum Search: String, Factor {
  static let name = "search"
  case normal, quick
  case twoRounds = "two rounds"
}

/// Whether a solve is cut off at a checkpoint in its middle and goes on from there.
enum Course: String, Factor {
  static let name = "course"
  case whole, resumed
}

/// Whether one observation is solved on the rows of the table, or on as many rows as it has columns where it is
/// tall enough for that.
enum Rows: String, Factor {
  static let name = "rows"
  case given, reduced
}

/// k.
enum Sparsity: String, Factor {
  static let name = "sparsity"
  case three, one, two, four
  case all = "columns"
  case included = "columns included"
}
