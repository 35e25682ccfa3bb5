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

  init(_ name: String, hashOf text: String) {
    var checksum = Checksum()
    for byte in text.utf8 { checksum.add(UInt64(byte)) }
    self.init(name, "of hash " + String(checksum.value, radix: 16))
  }

  /// The fact in a message; it may come from a file, and the columns of a model may be many.
  var shown: String { "\(name) \(value)".oneLine(limit: 200) }
}

extension ProblemFact {
  /// What the problem is, the sizes first, which explain most differences.
  ///
  /// Of A, all column scales are hashed and what its fingerprint tells.
  static func problem(_ problem: RecoveryProblem, sparsity: Int) -> [ProblemFact] {
    let (atoms, model) = (problem.atoms, problem.model)
    return [
      ProblemFact("rows", "\(problem.rows)"),
      ProblemFact("columns", "\(problem.columns)"),
      ProblemFact("matrix", "numbers of hash " + String(atoms.operator.fingerprint, radix: 16)),
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
    ]
  }

  /// Where products are computed, and how precisely.
  static func engine(_ engine: any Engine) -> [ProblemFact] {
    [
      ProblemFact("precision", "\(engine.precision)"),
      ProblemFact("storage roundoff", "\(engine.storageRoundoff)"),
      ProblemFact("engine", "\(engine.identity)"),
    ]
  }
}

extension SEA {
  /// What a solve depends on.
  func facts(
    _ workspace: Workspace, sparsity: Int, _ gradient: Gradient
  ) -> [ProblemFact] {
    ProblemFact.problem(workspace.problem, sparsity: sparsity)
      + [
        startFact,
        ProblemFact(
          "step size", stepSize.map { "\($0)" } ?? "\(relativeStepSize) over the squared norm"),
        ProblemFact("gradient", gradient.rawValue),
      ] + ProblemFact.engine(workspace.engine)
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
