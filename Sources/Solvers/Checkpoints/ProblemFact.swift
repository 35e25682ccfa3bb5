import SparseCore

/// Something that the supports visited depend on. Numbers in bulk are told by a hash.
struct ProblemFact: Sendable, Equatable {
  let name: String
  let value: String

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  init(_ name: String, hashOf numbers: some Sequence<Double>) {
    var checksum = Checksum()
    for number in numbers { checksum.add(number.bitPattern) }
    self.init(name, "numbers of hash " + String(checksum.value, radix: 16))
  }

  /// The fact in a message; it may come from a file, and the columns of a model may be many.
  var shown: String { "\(name) \(value)".oneLine(limit: 200) }
}

extension SEA {
  /// What a solve depends on, the sizes first, which explain most differences.
  ///
  /// Of A, all column scales and some 65536 entries are hashed, which a pass over A would cost else.
  func facts<E: Engine>(
    _ loaded: LoadedProblem<E>, sparsity: Int, _ gradient: Gradient
  ) -> [ProblemFact] {
    let (problem, engine) = (loaded.problem, loaded.engine)
    let (atoms, model) = (problem.atoms, problem.model)
    return [
      ProblemFact("rows", "\(problem.rows)"),
      ProblemFact("columns", "\(problem.columns)"),
      ProblemFact("matrix", hashOf: atoms.matrix.samples(1 << 16)),
      ProblemFact("column scales", hashOf: atoms.scale),
      ProblemFact("observation", hashOf: problem.observation),
      ProblemFact("sparsity", "\(sparsity)"),
      ProblemFact("intercept", "\(model.hasIntercept)"),
      ProblemFact("standardize", "\(model.isStandardized)"),
      ProblemFact("weights", hashOf: model.weights ?? []),
      ProblemFact("ridge", "\(model.ridge)"),
      ProblemFact("include", "\(model.included.sorted())"),
      ProblemFact("exclude", "\(model.excluded.sorted())"),
      ProblemFact("nonnegative", "\(model.isNonnegative)"),
      startFact,
      ProblemFact(
        "step size", stepSize.map { "\($0)" } ?? "\(relativeStepSize) over the squared norm"),
      ProblemFact("gradient", gradient.rawValue),
      ProblemFact("precision", "\(engine.precision)"),
      ProblemFact("storage roundoff", "\(engine.storageRoundoff)"),
      ProblemFact("engine", "\(engine.identity)"),
    ]
  }

  private var startFact: ProblemFact {
    switch start {
    case .zero: ProblemFact("start", "zero")
    case .correlation: ProblemFact("start", "correlation")
    case .solver(let solver): ProblemFact("start", type(of: solver).name)
    case .vector(let x): ProblemFact("start", hashOf: x)
    case .atoms(let x):
      ProblemFact("start", hashOf: x.support.map(Double.init) + x.coefficients)
    }
  }
}

extension DenseMatrix {
  /// At most `count` entries, evenly spaced in column-major order.
  fileprivate func samples(_ count: Int) -> some Sequence<Double> {
    let step = max(1, rows * columns / count)
    return stride(from: 0, to: rows * columns, by: step).lazy.map { place in
      let (i, j) = (place % rows, place / rows)
      return switch self {
      case .double(let entries): entries[i, j]
      case .single(let entries): Double(entries[i, j])
      }
    }
  }
}
