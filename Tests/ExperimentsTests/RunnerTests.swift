import SparseRecovery
import TestSupport
import Testing

@testable import Experiments

@Suite struct RunnerTests {
  /// The results of a whole run by one thread, without times.
  private func expected(_ folder: TemporaryFolder) throws -> String {
    _ = try Runner().run(tinyTransition(), into: folder.path + "/expected")
    return try merged(["expected"], in: folder)
  }

  private func merged(_ names: [String], in folder: TemporaryFolder) throws -> String {
    try ResultSet.merging(names.map { "\(folder.path)/\($0)" })
      .write(to: folder.path + "/merged", withTimes: false)
    return try folder.text("merged")
  }

  @Test func threadsAndSharesChangeNothing() throws {
    let folder = TemporaryFolder()
    let wanted = try expected(folder)
    // Ratios of 0.2 have no atom in one row, those of 1.5 too many in any.
    #expect(wanted.split(separator: "\n").count == 1 + 5 * 5)
    let whole = try Runner(threads: 4).run(tinyTransition(), into: folder.path + "/threads")
    #expect(whole.progress.impossibleCells == 4)
    #expect(try merged(["threads"], in: folder) == wanted)
    for i in 0..<3 {
      let runner = Runner(threads: 2, shard: try Shard(index: i, of: 3))
      _ = try runner.run(tinyTransition(), into: folder.path + "/shard\(i)")
    }
    #expect(try merged(["shard2", "shard0", "shard1"], in: folder) == wanted)
  }

  @Test(arguments: [1, 3])
  func aCancelledRunGoesOn(threads: Int) throws {
    let folder = TemporaryFolder()
    let wanted = try expected(folder)
    let path = folder.path + "/cancelled"
    let solved = Counter()
    let first = try Runner(
      threads: threads, isCancelled: { solved.value >= 7 }, onProgress: { _ in solved.increment() }
    ).run(tinyTransition(), into: path)
    #expect(first.wasCancelled)
    #expect((7..<7 + threads).contains(first.progress.finished))
    let second = try Runner().run(tinyTransition(), into: path)
    #expect(second.progress.resumed == first.progress.finished)
    #expect(!second.wasCancelled)
    #expect(try merged(["cancelled"], in: folder) == wanted)
    let third = try Runner().run(tinyTransition(), into: path)
    #expect(third.progress.resumed == third.progress.total)
  }

  @Test func progressCountsUp() throws {
    let folder = TemporaryFolder()
    let counts = Counter()
    let summary = try Runner(
      onProgress: { progress in
        counts.increment()
        #expect(progress.finished == counts.value && progress.total == 25)
        let isLast = progress.finished == progress.total
        #expect((progress.remaining == .zero) == isLast)
      }
    ).run(tinyTransition(), into: folder.path + "/run")
    #expect(counts.value == 25)
    #expect(summary.progress.finished == 25)
  }

  @Test func failuresOfOneSolverAreKept() throws {
    let folder = TemporaryFolder()
    let failing = FailingSolver(error: .lapackFailure(routine: "dposv", code: 3))
    let experiment = tinyTransition([NamedSolver("omp", OMP()), NamedSolver("bad", failing)])
    _ = try Runner().run(experiment, into: folder.path + "/run")
    let results = try ResultSet.read(folder.path + "/run")
    let errors = Set(results.outcomes(of: "bad").map { $0.values["error"]?.string })
    #expect(errors == ["LAPACK dposv failed with code 3"])
    let good = results.outcomes(of: "omp")
    #expect(good.count == 25)
    #expect(good.allSatisfy { $0.values["loss"]?.double != nil && $0.seconds != nil })
  }

  @Test func wrongOptionsEndTheRun() {
    let folder = TemporaryFolder()
    let error = RecoveryError.invalidOption(name: "a", value: "b", expected: "c")
    let experiment = tinyTransition([NamedSolver("bad", FailingSolver(error: error))])
    #expect(throws: error) { try Runner(threads: 2).run(experiment, into: folder.path + "/run") }
  }

  @Test func otherOptionsAreOtherSettings() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/run"
    _ = try Runner().run(tinyTransition(), into: path)
    var limits = Limits()
    limits.iterations = 21
    let other = tinyTransition([NamedSolver("sea", SEA(limits: limits)), NamedSolver("omp", OMP())])
    let error = #expect(throws: ExperimentError.self) { try Runner().run(other, into: path) }
    #expect(error?.description.contains("solvers.0.configuration") == true)
    #expect(throws: ExperimentError.self) {
      try Runner(precision: .single).run(tinyTransition(), into: path)
    }
  }

  @Test func problemsDependOnTheirPlaceAlone() throws {
    let small = tinyTransition()
    var large = small
    large.trials = 50
    large.solvers = [NamedSolver("omp", OMP())]
    #expect(small.problemSeed(cell: 4, trial: 3) == large.problemSeed(cell: 4, trial: 3))
    large.seed = 8
    #expect(small.problemSeed(cell: 4, trial: 3) != large.problemSeed(cell: 4, trial: 3))
  }
}
