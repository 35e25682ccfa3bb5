public import CSparseRecovery
import Glibc
import Solvers
import SparseCore
import SparseRecovery

/// What a solve or a path has found, in memory that C may read until it is destroyed.
final class Results {
  /// One solution.
  struct Entry {
    let sparsity: Int
    let solution: SparseSolution
    /// The algorithm that was asked for.
    let algorithm: String
    /// Which of several observations it is for, counted from zero.
    var observation = 0
  }

  /// What was solved; its own observation takes no part.
  let problem: RecoveryProblem
  /// What was observed.
  let observations: [[Double]]
  /// Whether all observations have one support.
  let isJoint: Bool
  let entries: [Entry]
  /// Where every criterion chooses, the first one that counts most; nil where nothing is chosen.
  let choices: [(criterion: String, place: Int?)]
  /// The fit of all columns to each observation, once it was asked for.
  let fits = FullFits()

  private var records: [sr_solution] = []
  private var warnings: [[UnsafePointer<CChar>]] = []
  private let notices: [UnsafePointer<CChar>]
  private let numbers: [String: UnsafeBufferPointer<Double>]

  private var owned: [UnsafeMutableRawPointer] = []

  init(
    _ entries: [Entry], of observations: [[Double]], _ problem: RecoveryProblem, isJoint: Bool,
    notices: [String], choices: [(criterion: String, place: Int?)] = [],
    numbers: [String: [Double]] = [:]
  ) {
    self.problem = problem
    self.observations = observations
    self.isJoint = isJoint
    self.entries = entries
    self.choices = choices
    var owned: [UnsafeMutableRawPointer] = []
    func kept<Element>(_ elements: some Collection<Element>) -> UnsafePointer<Element> {
      let copy = copied(elements)
      owned.append(UnsafeMutableRawPointer(copy))
      return UnsafePointer(copy)
    }
    func text(_ string: String) -> UnsafePointer<CChar> { kept(string.utf8CString) }
    self.notices = notices.map(text)
    self.numbers = numbers.mapValues { UnsafeBufferPointer(start: kept($0), count: $0.count) }
    for entry in entries {
      let solution = entry.solution
      let attempt = solution.bestAttempt.map { solution.attempts[$0].solver }
      warnings.append(solution.warnings.map { text($0.description) })
      records.append(
        sr_solution(
          size: Int64(MemoryLayout<sr_solution>.size), sparsity: Int64(entry.sparsity),
          count: Int64(solution.support.count),
          support: kept(solution.support.map(Int64.init)),
          coefficients: kept(solution.coefficients),
          intercept: solution.intercept ?? 0, residual_norm: solution.residualNorm,
          relative_residual: solution.relativeResidual, iterations: Int64(solution.iterations),
          best_iteration: Int64(solution.bestIteration),
          explored: Int64(solution.supportsExplored),
          matrix_passes: Int64(solution.matrixPasses), rounds: Int64(solution.rounds),
          warnings: Int64(solution.warnings.count), stop_reason: text(solution.stopReason.rawValue),
          found_by: text(attempt ?? entry.algorithm), engine: text("\(solution.engine)"),
          observation: Int64(entry.observation), notices: Int64(notices.count),
          optimality_gap: solution.optimalityGap ?? .nan,
          imaginary_parts: solution.imaginaryParts.map { kept($0) }))
    }
    self.owned = owned
  }

  deinit { for memory in owned { memory.deallocate() } }

  var count: Int { records.count }

  func record(_ place: Int64) throws(CallError) -> sr_solution { records[try index(place)] }

  /// A place that C names.
  func index(_ place: Int64) throws(CallError) -> Int {
    guard let index = Int(exactly: place), records.indices.contains(index) else {
      throw .argument("place", "\(place)", "a number from 0 to \(records.count - 1)")
    }
    return index
  }

  func warning(_ place: Int64, _ number: Int64) -> UnsafePointer<CChar>? {
    element(place, of: warnings).flatMap { element(number, of: $0) }
  }

  func notice(_ number: Int64) -> UnsafePointer<CChar>? { element(number, of: notices) }

  func numbers(_ name: String) -> UnsafeBufferPointer<Double>? { numbers[name] }
}

/// A copy in memory of its own, which `deallocate` gives back.
func copied<Element>(_ elements: some Collection<Element>) -> UnsafeMutablePointer<Element> {
  let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
  _ = UnsafeMutableBufferPointer(start: copy, count: elements.count).initialize(from: elements)
  return copy
}

/// The element at a place that C names, if there is one.
func element<Element>(_ place: Int64, of list: [Element]) -> Element? {
  Int(exactly: place).flatMap { list.indices.contains($0) ? list[$0] : nil }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_results_count(_ results: OpaquePointer?) -> Int64 {
  results.map { Int64(object($0, as: Results.self).count) } ?? 0
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_results_solution(
  _ results: OpaquePointer?, _ place: Int64, _ solution: UnsafeMutablePointer<sr_solution>?
) -> Int32 {
  status { () throws(CallError) in
    guard let results else { throw .null("results") }
    guard let solution else { throw .null("solution") }
    let record = try object(results, as: Results.self).record(place)
    try write(record, size: solution.pointee.size, to: solution)
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_results_warning(
  _ results: OpaquePointer?, _ place: Int64, _ number: Int64
) -> UnsafePointer<CChar>? {
  results.flatMap { object($0, as: Results.self).warning(place, number) }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_results_notice(
  _ results: OpaquePointer?, _ number: Int64
) -> UnsafePointer<CChar>? {
  results.flatMap { object($0, as: Results.self).notice(number) }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_results_chosen(_ results: OpaquePointer?) -> Int64 {
  results.flatMap { object($0, as: Results.self).choices.first?.place }.map(Int64.init) ?? -1
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_results_chosen_by(
  _ results: OpaquePointer?, _ criterion: UnsafePointer<CChar>?
) -> Int64 {
  guard let results, let criterion else { return -1 }
  let name = String(cString: criterion)
  let choice = object(results, as: Results.self).choices.first { $0.criterion == name }
  return choice?.place.map(Int64.init) ?? -1
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_results_numbers(
  _ results: OpaquePointer?, _ name: UnsafePointer<CChar>?,
  _ values: UnsafeMutablePointer<UnsafePointer<Double>?>?
) -> Int64 {
  guard let results, let name, let values,
    let numbers = object(results, as: Results.self).numbers(String(cString: name))
  else { return 0 }
  values.pointee = numbers.baseAddress
  return Int64(numbers.count)
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_results_destroy(_ results: OpaquePointer?) { release(results, as: Results.self) }
