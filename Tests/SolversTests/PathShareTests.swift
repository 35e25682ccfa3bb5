import SparseRecovery
import Testing

@testable import Solvers

/// Folds, draws and observations that are shared out and brought together again.
@Suite struct PathShareTests {
  private let matrix: Matrix<Double>
  private let y: [Double]

  init() throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 30, columns: 12), sparsity: 3, snr: 8, seed: 4))
    (matrix, y) = (synthetic.matrix, synthetic.observation)
  }

  private var path: SparsityPath { SparsityPath(solver: OMP()) }

  /// The errors of the folds, what was kept last, and how many supports were evaluated.
  private func validate(
    _ share: PathShare, from checkpoint: CompositeCheckpoint? = nil, seed: UInt64 = 2
  ) throws -> (errors: CrossValidationErrors?, kept: CompositeCheckpoint?, reports: Int) {
    var plan = FoldPlan(4, seed: seed)
    plan.repeats = 2
    var validation = CrossValidation(path: path, plan: plan)
    validation.share = share
    var (kept, reports) = (CompositeCheckpoint?.none, 0)
    let keeper = CheckpointKeeper<CompositeCheckpoint> {
      false
    } keep: {
      kept = $0
    }
    let errors = try validation.run(
      DenseMatrix.double(matrix), observation: y, sparsities: 1...3, on: CPUBackend(threads: 1),
      resuming: checkpoint, keeper: keeper
    ) { _ in
      reports += 1
      return .proceed
    }
    return (errors, kept, reports)
  }

  private func draw(
    _ scheme: Resampling.Scheme, _ share: PathShare, from checkpoint: CompositeCheckpoint? = nil,
    draws: Int = 5
  ) throws -> (found: ResampledPaths, reports: Int) {
    var resampling = Resampling(scheme, draws: draws, path: path, seed: 3)
    resampling.share = share
    var reports = 0
    let found = try resampling.run(
      DenseMatrix.double(matrix), observation: y, sparsities: 1...3, on: CPUBackend(threads: 1),
      resuming: checkpoint,
      keeper: CheckpointKeeper {
        false
      } keep: { _ in
      }
    ) { _ in
      reports += 1
      return .proceed
    }
    return (found, reports)
  }

  /// Any checkpoint of a path: what the folds and draws of a share stand behind.
  private func solved() throws -> CompositeCheckpoint {
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: y)
    let workspace = Workspace(
      problem, on: try CPUBackend(threads: 1).load(problem.atoms, precision: .double))
    return try #require(
      try path.solve(
        workspace, sparsities: 1...3,
        keeper: CheckpointKeeper {
          false
        } keep: { _ in
        }
      ).checkpoint)
  }

  private func shares(_ count: Int) -> [PathShare] {
    (0..<count).map { PathShare($0, of: count) }
  }

  private func reread(_ checkpoint: PathsCheckpoint) throws -> PathsCheckpoint {
    try checkpoint.words.map(\.littleEndian).withUnsafeBytes { try PathsCheckpoint(bytes: $0) }
  }

  @Test(arguments: [1, 2, 3, 8, 11]) func foldsComeTogether(count: Int) throws {
    let whole = try #require(try validate(.whole).errors)
    let path = try solved()
    let parts = try shares(count).reversed().map { share in
      let found = try validate(share)
      #expect(count == 1 || found.errors == nil)
      let kept = found.kept ?? found.errors?.checkpoint
      return try reread(PathsCheckpoint([PathCheckpoint(path: path, validation: kept)]))
    }
    let merged = try reread(PathsCheckpoint(merging: parts))
    #expect(merged.paths[0].path == path && merged.paths[0].validation?.finishedCount == 8)
    let again = try validate(.whole, from: merged.paths[0].validation)
    #expect(again.reports == 0 && again.errors?.folds == whole.folds)
  }

  @Test(arguments: Resampling.Scheme.allCases, [1, 2, 3, 7]) func drawsComeTogether(
    scheme: Resampling.Scheme, count: Int
  ) throws {
    let whole = try draw(scheme, .whole).found
    let path = try solved()
    let parts = try shares(count).map { share in
      let found = try draw(scheme, share).found
      #expect(found.stopReason == .converged)
      #expect(found.draws.count == (0..<5).count { share.contains($0) })
      return PathsCheckpoint([PathCheckpoint(path: path, resampling: found.checkpoint)])
    }
    let merged = try reread(PathsCheckpoint(merging: parts)).paths[0].resampling
    let again = try draw(scheme, .whole, from: merged)
    #expect(again.reports == 0 && again.found.draws == whole.draws)
    // Without the last share, what stands before its first draw.
    guard count > 1 else { return }
    let rest = try PathsCheckpoint(merging: Array(parts.dropLast())).paths[0].resampling
    #expect(rest?.finishedCount == min(count - 1, 5) * scheme.partsInDraw)
    #expect(try draw(scheme, .whole, from: rest).found.draws == whole.draws)
  }

  /// Of observations each belongs to one share, whatever the others hold in its place.
  @Test func observationsComeTogether() throws {
    let path = PathCheckpoint(path: try solved())
    let parts = (0..<3).map { share in
      var own = PathsCheckpoint([])
      for place in stride(from: share, to: 7, by: 3) { own.set(path, at: place) }
      return own
    }
    let merged = try PathsCheckpoint(merging: parts.map(reread))
    #expect(merged.paths.count == 7 && merged.paths.allSatisfy(\.hasBegun))
    let two = try PathsCheckpoint(merging: [parts[0], parts[2]])
    #expect(two.paths.map(\.hasBegun) == [true, false, true, true, false, true, true])
  }

  @Test func sharesThatDoNotBelongTogether() throws {
    let path = try solved()
    func part(_ index: Int, of count: Int, seed: UInt64 = 2) throws -> PathsCheckpoint {
      PathsCheckpoint([
        PathCheckpoint(
          path: path, validation: try validate(PathShare(index, of: count), seed: seed).kept)
      ])
    }
    func refusal(_ parts: PathsCheckpoint...) -> String {
      do throws(RecoveryError) {
        _ = try PathsCheckpoint(merging: parts)
        return "none"
      } catch { return "\(error)" }
    }
    let first = try part(0, of: 3)
    #expect(
      refusal(first, try part(1, of: 4))
        == "checkpoint: expected each of 3 shares once, found shares of another number")
    #expect(
      refusal(first, first) == "checkpoint: expected each of 3 shares once, found share 1/3 twice")
    #expect(refusal(first, try part(1, of: 3, seed: 9)).contains("found seed 9"))
    // A share goes on as itself alone.
    #expect(throws: RecoveryError.self) {
      try validate(.whole, from: first.paths[0].validation)
    }
    #expect(try validate(PathShare(0, of: 3), from: first.paths[0].validation).reports == 0)
  }
}
