import SparseCore

/// How much a search in rounds does, by the shape of the problem.
///
/// Work is counted in nanoseconds of a model, measured on one core of an AMD EPYC. It knows no clock, so that
/// a plan is the same on every machine but for the number of workers.
struct SearchPlan {
  /// The size of supports.
  let sparsity: Int
  /// The columns that may be selected.
  let usable: [Int]
  /// Whether all atoms are in one working set.
  let isWhole: Bool
  /// How many searches run at once.
  let workers: Int
  /// The most steps of a walk without anything better.
  let mostPatience: Int
  /// How many rounds there are by default.
  let rounds: Int
  /// How many supports SEA evaluates between two rounds.
  let explorations: Int
  /// How many runs of message passing make a job that takes as long as a walk.
  let runsInJob: Int
  /// Whether the eigenvectors that message passing needs take less time than the search.
  let rotationIsCheap: Bool

  /// What the walks of a round take.
  var roundWork: Double { Double(RoundSearch.jobs) * walkWork }

  private let walkWork: Double
  private let runWork: Double

  /// Nanoseconds of a walk, of all rounds.
  private static var walkNanoseconds: Double { 1e8 }
  /// Some tenths of a second for the eigenvectors.
  private static var rotationFlops: Double { 1e10 }
  /// How much more work goes into message passing, where it works, than into walks.
  private static var messageShare: Double { 4 }
  /// The same where noise leads it astray and walks have few rounds. Of 28 runs of a prototype on 14 problems of more than
  /// 2048 columns 13 ended at the best known loss, and 9 with a share of 4.
  private static var smallMessageShare: Double { 0.25 }
  private static var allNanoseconds: Double { 1.2e9 }
  /// Of small problems more lead to nothing: of five whose best support is hard to find, 28 of 30 searches found it in 40
  /// rounds, and all in 100.
  private static var mostRounds: Int { 100 }

  init(_ problem: RecoveryProblem, sparsity: Int, memory: Int, _ settings: SearchSettings) {
    self.sparsity = sparsity
    usable = problem.atoms.usable
    isWhole = usable.count <= WorkingSetSize.few
    let size =
      isWhole ? usable.count : min(WorkingSetSize.size(sparsity: sparsity), usable.count)
    // Two nanoseconds for an exchange that is looked at, and half a microsecond for a step; where there are
    // more atoms, a part of choosing a working set and of its Gram matrix. Four of the nine operations of an exchange
    // are those of an observation.
    let (m, n, k) = (Double(problem.rows), Double(usable.count), Double(sparsity))
    let planes = Double(problem.planes)
    let renewal =
      isWhole ? 0 : (2 * n * k * (m + k) + m * Double(size * size)) / 8 + 10 * n * planes
    // With signs a few supports are refitted in every step, each by some k projections.
    let isSigned = problem.model.isNonnegative
    let refits = isSigned ? (5e4 + k * (k * k * k / 3 + 2 * m * k)) * planes : 0
    let step =
      2 * Double(sparsity * size) * ((5 + 4 * planes) / 9) + 500 + renewal
      / Double(SwapWalk.stepsOnSet) + refits
    // Half as many steps again lead to something better, and with signs twice as many.
    let length = isSigned ? 3 : 1.5
    mostPatience = max(50, Int(1.5 / length * Self.walkNanoseconds / step))
    let patience = min(Double(500 + 28 * sparsity), Double(mostPatience))
    let walk = length * patience * step
    walkWork = walk
    // Some hundred iterations of two products and of an exponential or two for each column.
    // With signs the walk from what a run names takes longer than that.
    runWork =
      100 * (0.25 * m * n + 16 * n) * planes
      + (isSigned ? Double(SearchJob.shortPatience(sparsity)) * step : 0)
    runsInJob = min(max(Int(walk / runWork), 1), 64)
    // A support takes some fifty microseconds for each observation.
    explorations = min(max(Int(2 * walk / (5e4 * planes)), 20), 1000)
    rotationIsCheap = m * m * (9 * m + 3 * n) < Self.rotationFlops
    rounds = min(
      max(Int(Self.allNanoseconds / (Double(RoundSearch.jobs) * walk)), 2), Self.mostRounds)
    // What a search holds: U twice, correlations and a residual for every observation, and where not all atoms are in it
    // a set with its Gram matrix.
    let bytes =
      16 * sparsity * size + 8 * problem.planes * (size + problem.rows)
      + (isWhole ? 0 : 8 * size * (size + problem.rows))
    workers = settings.workers(holding: bytes, of: memory)
  }

  /// How long a walk goes on without anything better, drawn.
  func patience(_ generator: inout SeededGenerator) -> Int {
    min(SwapWalk.patience(sparsity: sparsity, &generator), mostPatience)
  }

  /// Whether message passing has not had its share of the work, after so many runs and walks.
  func prefersMessages(runs: Int, walks: Int, isPromising: Bool) -> Bool {
    let share = isPromising || isWhole ? Self.messageShare : Self.smallMessageShare
    return Double(runs) * runWork <= share * Double(walks) * walkWork
  }
}
