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
      ProblemFact("observation", hashOf: problem.observations.joined()),
      ProblemFact("sparsity", "\(sparsity)"),
      ProblemFact("intercept", "\(model.hasIntercept)"),
      ProblemFact("standardize", "\(model.isStandardized)"),
      ProblemFact("weights", hashOf: model.weights ?? []),
      ProblemFact("sample size", "\(problem.sampleSize)"),
      ProblemFact("ridge", "\(model.ridge)"),
      ProblemFact("include", "\(model.included.sorted())"),
      ProblemFact("exclude", "\(model.excluded.sorted())"),
      ProblemFact("nonnegative", "\(model.isNonnegative)"),
    ] + (problem.hasSquaredLoss ? [] : [self.loss(problem.loss)])
      + (model.columnGroups.map { [ProblemFact("column groups", hashOf: $0.map(Double.init))] }
        ?? [])
  }

  private static func loss(_ loss: any Loss) -> ProblemFact {
    ProblemFact("loss", "\(loss.name) " + ProblemFact("", hashOf: loss.facts).value)
  }

  /// Where products are computed, how precisely, and whether Gram matrices are used.
  static func place(_ workspace: Workspace) -> [ProblemFact] {
    let engine = workspace.engine
    return [
      ProblemFact("precision", "\(engine.precision)"),
      ProblemFact("storage roundoff", "\(engine.storageRoundoff)"),
      ProblemFact("engine", "\(engine.identity)"),
      ProblemFact("gram use", workspace.use.rawValue),
    ]
  }

  /// How long a solve may go on, but for its time.
  static func limits(_ limits: Limits) -> [ProblemFact] {
    [
      ProblemFact("iterations", "\(limits.iterations)"),
      ProblemFact("stagnation", limits.stagnation.map { "\($0)" } ?? "any"),
      ProblemFact("tolerance", "\(limits.tolerance)"),
    ]
  }
}

extension [ProblemFact] {
  /// Refuses facts that are not those of this solve.
  func requireSame(as found: [ProblemFact]) throws(RecoveryError) {
    for (mine, wanted) in zip(found, self) where mine != wanted {
      throw .invalidOption(
        name: "checkpoint", value: mine.shown, expected: "\(wanted.shown), as in this solve")
    }
    guard found.count == count else {
      throw .invalidOption(
        name: "checkpoint", value: "\(found.count) facts", expected: "\(count), as in this solve")
    }
  }
}

extension WordWriter {
  mutating func write(_ facts: [ProblemFact]) {
    write(facts) {
      $0.write($1.name)
      $0.write($1.value)
    }
  }
}

extension WordReader {
  mutating func facts() throws(CheckpointError) -> [ProblemFact] {
    try array(ofAtLeast: 2) { (r) throws(CheckpointError) in
      ProblemFact(try r.text(), try r.text())
    }
  }
}
