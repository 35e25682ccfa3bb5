import CPUBackend
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

@testable import Solvers

/// Explorations that are cut off and go on.
@Suite struct CheckpointTests {
  /// What a checkpoint is resumed for: a problem and a way to solve it.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var sea: SEA
    var model = RecoveryModel()
    var precision = Precision.double
  }

  static let cases: [Case] = {
    var limits = Limits()
    limits.iterations = 140
    var generator = SeededGenerator(seed: 5)
    let dense = (0..<320).map { _ in generator.normal() }
    var (regression, ridge, signs) = (RecoveryModel(), RecoveryModel(), RecoveryModel())
    regression.hasIntercept = true
    regression.included = [7]
    regression.excluded = [11]
    ridge.ridge = 0.1
    var cases: [Case] = []
    for gradient in [SEA.Gradient.blocked, .direct] {
      let starts: [(String, SEA.Start)] = [
        ("zero", .zero), ("correlation", .correlation), ("omp", .solver(OMP())),
        ("vector", .vector(dense)),
      ]
      for (name, start) in starts {
        cases.append(
          Case(
            testDescription: "\(gradient) from \(name)",
            sea: SEA(start: start, gradient: gradient, limits: limits)))
      }
      let sea = SEA(gradient: gradient, limits: limits)
      cases.append(Case(testDescription: "\(gradient), regression", sea: sea, model: regression))
      cases.append(Case(testDescription: "\(gradient), single", sea: sea, precision: .single))
    }
    signs.isNonnegative = true
    cases.append(
      Case(
        testDescription: "direct, ridge", sea: SEA(gradient: .direct, limits: limits), model: ridge)
    )
    for (name, model) in [("plain", RecoveryModel()), ("ridge", ridge), ("signs", signs)] {
      let sea = SEA(gradient: .gram, limits: limits)
      cases.append(Case(testDescription: "gram, \(name)", sea: sea, model: model))
    }
    return cases
  }()

  private func problem(
    _ model: RecoveryModel = RecoveryModel(), seed: UInt64 = 3, columns: Int = 320
  ) throws -> RecoveryProblem {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 40, columns: columns), sparsity: 6, snr: 10, seed: seed))
    return try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model)
  }

  /// One line a support of SEA itself, with every bit of its residuals.
  private func solve(
    _ sea: SEA, _ problem: RecoveryProblem, _ engine: any Engine, k: Int = 6,
    from checkpoint: IterationCheckpoint? = nil,
    keeper: CheckpointKeeper<IterationCheckpoint>? = nil
  ) throws -> (lines: [String], solution: SparseSolution) {
    var lines: [String] = []
    let solution = try sea.solve(
      Workspace(problem, on: engine), sparsity: k, resuming: checkpoint, keeper: keeper
    ) {
      if $0.solver == SEA.name {
        lines.append(
          "\($0.iteration) \($0.support) \($0.relativeResidual) \($0.bestRelativeResidual) "
            + "\($0.isNew) \($0.projection?.rawValue ?? "remembered")")
      }
      return .proceed
    }
    return (lines, solution)
  }

  private func checkpoints(
    _ sea: SEA, _ problem: RecoveryProblem, _ engine: any Engine
  ) throws -> [IterationCheckpoint] {
    var kept: [IterationCheckpoint] = []
    _ = try solve(
      sea, problem, engine,
      keeper: CheckpointKeeper {
        true
      } keep: {
        kept.append($0)
      })
    return kept
  }

  /// All checkpoints between blocks, and some of those between direct iterations.
  @Test(arguments: cases) func resumingChangesNothing(_ test: Case) throws {
    let problem = try problem(test.model)
    for backend in try everyBackend()
    where test.precision == .double || backend.identity.name != "reference" {
      func engine() throws -> any Engine {
        try backend.load(problem.atoms, precision: test.precision)
      }
      let whole = try solve(test.sea, problem, engine())
      let kept = try checkpoints(test.sea, problem, engine())
      #expect(kept.count >= 4)
      let step = max(1, kept.count / 9)
      for checkpoint in stride(from: 0, to: kept.count, by: step).map({ kept[$0] }) {
        let copy = try checkpoint.words.withUnsafeBytes { (bytes) throws(CheckpointError) in
          try IterationCheckpoint(bytes: bytes)
        }
        #expect(copy == checkpoint)
        let rest = try solve(test.sea, problem, engine(), from: copy)
        #expect(Array(whole.lines.prefix(copy.iterations)) + rest.lines == whole.lines)
        #expect(Outcome(rest.solution) == Outcome(whole.solution))
      }
    }
  }

  /// Many times in a row, each from the first checkpoint of the one before.
  @Test(arguments: [SEA.Gradient.blocked, .direct]) func relays(_ gradient: SEA.Gradient) throws {
    var sea = SEA(gradient: gradient)
    sea.limits.iterations = 140
    let problem = try problem()
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let whole = try solve(sea, problem, engine)
    var lines: [String] = []
    var latest: IterationCheckpoint?
    while true {
      var next: IterationCheckpoint?
      let leg = try solve(
        sea, problem, engine, from: latest,
        keeper: CheckpointKeeper {
          next == nil
        } keep: {
          next = $0
        })
      guard let next else {
        #expect(lines + leg.lines == whole.lines)
        #expect(Outcome(leg.solution) == Outcome(whole.solution))
        return
      }
      lines += leg.lines.prefix(next.iterations - lines.count)
      latest = next
    }
  }

  /// The first difference is named.
  @Test func checkpointsOfOtherSolvesAreRefused() throws {
    let problem = try problem()
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let sea = SEA(gradient: .blocked)
    let checkpoint = try #require(try checkpoints(sea, problem, engine).first)
    func difference(
      _ sea: SEA, _ problem: RecoveryProblem, k: Int = 6, _ precision: Precision = .double,
      from other: IterationCheckpoint? = nil
    ) throws -> String? {
      let engine = try CPUBackend().load(problem.atoms, precision: precision)
      let error = #expect(throws: RecoveryError.self) {
        try self.solve(sea, problem, engine, k: k, from: other ?? checkpoint)
      }
      guard case .invalidOption("checkpoint", let value, _) = error else { return nil }
      return value
    }
    var nonnegative = RecoveryModel()
    nonnegative.isNonnegative = true
    var direct = sea
    direct.gradient = .direct
    var stepped = sea
    stepped.stepSize = 2
    #expect(try difference(sea, problem, k: 7) == "sparsity 6")
    #expect(try difference(sea, self.problem(columns: 321)) == "columns 320")
    #expect(try difference(sea, self.problem(seed: 4))?.hasPrefix("matrix ") == true)
    let other = try problem.observing(problem.observation.reversed())
    #expect(try difference(sea, other)?.hasPrefix("observation ") == true)
    #expect(try difference(direct, problem) == "gradient blocked")
    #expect(try difference(SEA(gradient: .gram), problem) == "gradient blocked")
    #expect(try difference(SEA(start: .correlation, gradient: .blocked), problem) == "start zero")
    #expect(try difference(stepped, problem) == "step size 10.0 over the squared norm")
    #expect(try difference(sea, problem, .single) == "precision double")
    #expect(try difference(direct, self.problem(nonnegative)) == "nonnegative false")
    // The same weights, of which AMP makes something else where they are frequencies.
    var weighted = RecoveryModel()
    weighted.weights = [Double](repeating: 2, count: problem.rows)
    let once = try self.problem(weighted)
    let kept = try checkpoints(sea, once, CPUBackend().load(once.atoms, precision: .double)).first
    weighted.weightsAreFrequencies = true
    #expect(
      try difference(sea, self.problem(weighted), from: kept) == "sample size \(problem.rows)")
  }

  /// More iterations, and as many as were done already.
  @Test func limitsMayChange() throws {
    let problem = try problem()
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    var sea = SEA(gradient: .blocked)
    sea.limits.iterations = 90
    let checkpoint = try #require(try checkpoints(sea, problem, engine).last)
    sea.limits.iterations = 200
    let whole = try solve(sea, problem, engine)
    let rest = try solve(sea, problem, engine, from: checkpoint)
    #expect(Array(whole.lines.suffix(200 - checkpoint.iterations)) == rest.lines)
    sea.limits.iterations = 1
    let ended = try solve(sea, problem, engine, from: checkpoint)
    #expect(ended.lines.isEmpty && ended.solution.stopReason == .iterations)
    #expect(ended.solution.iterations == checkpoint.iterations)
  }

  /// Cut off anywhere, or with any one word changed: refused, and nothing else.
  @Test func damageIsFound() throws {
    let problem = try problem()
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let words = try #require(try checkpoints(SEA(gradient: .blocked), problem, engine).first).words
    func error(_ words: [UInt64], bytes: Int? = nil) -> CheckpointError? {
      words.withUnsafeBytes { buffer in
        do throws(CheckpointError) {
          _ = try IterationCheckpoint(
            bytes: UnsafeRawBufferPointer(rebasing: buffer[..<(bytes ?? buffer.count)]))
          return nil
        } catch {
          return error
        }
      }
    }
    #expect(error(words) == nil)
    for count in stride(from: 0, to: 8 * words.count, by: 8 * words.count / 61) {
      #expect(error(words, bytes: count) != nil)
    }
    #expect(error(words + [0]) != nil)
    var generator = SeededGenerator(seed: 1)
    for place in 0..<400 {
      var changed = words
      changed[place < 4 ? place : Int.random(in: 4..<words.count, using: &generator)] ^=
        1 << UInt64.random(in: 0..<64, using: &generator)
      #expect(error(changed) != nil)
    }
    var other = words
    // Residuals had the other sign.
    other[1] = 4
    #expect(error(other) == .otherVersion(expected: 6, found: 4))
  }

  /// Whatever numbers a file holds under the right checksum, going on from it ends or is refused.
  @Test(arguments: [SEA.Gradient.blocked, .direct]) func forgeriesDoNotTrap(
    _ gradient: SEA.Gradient
  ) throws {
    let problem = try problem()
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    var sea = SEA(gradient: gradient)
    sea.limits.iterations = 60
    let words = try #require(try checkpoints(sea, problem, engine).first).words
    let values: [UInt64] = [
      0, 1, 2, 5, 255, 319, 320, 1 << 40, 1 << 62, 1 << 63, .max, (1e300).bitPattern,
      Double.nan.bitPattern, Double.infinity.bitPattern,
    ]
    var generator = SeededGenerator(seed: 2)
    var refused = 0
    for _ in 0..<300 {
      var forged = words
      // Half of them near the beginning, where the counts are.
      let end = Bool.random(using: &generator) ? words.count : min(words.count, 1600)
      forged[Int.random(in: 4..<end, using: &generator)] =
        values[Int.random(in: 0..<values.count, using: &generator)]
      var checksum = Checksum()
      for word in forged[4...] { checksum.add(word) }
      forged[3] = checksum.value
      do {
        let checkpoint = try forged.withUnsafeBytes { (bytes) throws(CheckpointError) in
          try IterationCheckpoint(bytes: bytes)
        }
        _ = try solve(sea, problem, engine, from: checkpoint)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 100)
  }
}
