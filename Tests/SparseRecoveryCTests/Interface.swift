import CSparseRecovery
import SparseRecoveryC
import SyntheticProblems
import Testing

/// What a call refused.
struct Refusal: Error, Equatable {
  let status: Int32
  let message: String
}

/// Throws what a call that answered with `status` refused.
func require(_ status: Int32) throws(Refusal) {
  guard status != Int32(SR_OK) else { return }
  throw Refusal(status: status, message: String(cString: sr_last_error()))
}

/// A problem with its answer, as a caller of C has it.
struct Sample {
  let rows = 30
  let columns = 80
  var sparsity = 3
  var matrix: [Double] = []
  var observation: [Double] = []
  var support: [Int64] = [7, 41, 66]

  init(seed: UInt64 = 1) {
    var generator = SystemlessGenerator(state: seed)
    matrix = (0..<rows * columns).map { _ in generator.next() }
    observation = (0..<rows).map { i in
      2 * matrix[i + 7 * rows] - matrix[i + 41 * rows] + 3 * matrix[i + 66 * rows]
    }
  }
}

/// Numbers in [−1, 1), the same everywhere: xorshift64* (Vigna 2016).
struct SystemlessGenerator {
  var state: UInt64

  mutating func bits() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }

  mutating func next() -> Double { Double(bits() >> 11) * 0x1p-52 - 1 }

  /// A number from 0 on, below `count`.
  mutating func below(_ count: Int) -> Int { Int(bits() >> 33) % count }
}

/// Options that are destroyed in the end.
func withOptions<Result>(
  _ words: [(String, String)], _ body: (OpaquePointer?) throws -> Result
) throws -> Result {
  let options = sr_options_create()
  defer { sr_options_destroy(options) }
  for (name, value) in words { try require(sr_options_set(options, name, value)) }
  return try body(options)
}

/// A problem that is destroyed in the end.
func withProblem<Result>(
  _ sample: Sample, _ words: [(String, String)] = [], _ body: (OpaquePointer) throws -> Result
) throws -> Result {
  try withOptions(words) { options in
    try sample.matrix.withUnsafeBufferPointer { matrix in
      var problem: OpaquePointer?
      try require(
        sr_problem_create(
          matrix.baseAddress, Int32(SR_DOUBLE), Int64(sample.rows), Int64(sample.columns),
          Int64(sample.rows), options, &problem))
      defer { sr_problem_destroy(problem) }
      return try body(try #require(problem))
    }
  }
}

/// The results of a solve, destroyed in the end.
func withResults<Result>(
  _ sample: Sample, _ problem: OpaquePointer, _ words: [(String, String)] = [],
  watch: UnsafeMutablePointer<sr_watch>? = nil, _ body: (OpaquePointer) throws -> Result
) throws -> Result {
  try withOptions(words) { options in
    var results: OpaquePointer?
    try require(
      sr_solve(
        problem, sample.observation, Int64(sample.rows), 1, Int64(sample.rows),
        Int64(sample.sparsity), options, watch, &results))
    defer { sr_results_destroy(results) }
    return try body(try #require(results))
  }
}

/// One solution.
func solution(_ results: OpaquePointer, _ place: Int64 = 0) throws -> sr_solution {
  var found = sr_solution()
  found.size = Int64(MemoryLayout<sr_solution>.size)
  try require(sr_results_solution(results, place, &found))
  return found
}

func support(_ solution: sr_solution) -> [Int64] {
  Array(UnsafeBufferPointer(start: solution.support, count: Int(solution.count)))
}

func coefficients(_ solution: sr_solution) -> [Double] {
  Array(UnsafeBufferPointer(start: solution.coefficients, count: Int(solution.count)))
}
