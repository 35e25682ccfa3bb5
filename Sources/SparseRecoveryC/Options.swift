import CSparseRecovery
import Solvers
import SparseRecovery

/// Options by name, as they came.
final class Options {
  private var words: [(name: String, text: String)] = []
  private var lists: [(name: String, values: [Double])] = []

  /// Those of a handle, or none.
  static func of(_ handle: OpaquePointer?) -> Options { handle.map { object($0) } ?? Options() }

  func set(_ name: String, _ text: String) throws(CallError) {
    guard OptionNames.words.contains(name) else {
      throw Self.unknown(name, OptionNames.words.sorted())
    }
    words.append((name, text))
  }

  func set(_ name: String, _ values: [Double]) throws(CallError) {
    guard OptionNames.lists.contains(name) else {
      throw Self.unknown(name, OptionNames.lists.sorted())
    }
    lists.append((name, values))
  }

  private static func unknown(_ name: String, _ names: [String]) -> CallError {
    .argument("option", name.oneLine(limit: 80), "one of \(names.joined(separator: ", "))")
  }

  /// Sets what is given of the options that `settings` has, each of them as it was set last.
  ///
  /// - Returns: the words that it has not.
  func apply<S: Settings>(
    to settings: inout S
  ) throws(RecoveryError) -> [(name: String, text: String)] {
    var others: [(name: String, text: String)] = []
    for (name, text) in words {
      guard let option = S.options.first(where: { $0.name == name }) else {
        others.append((name, text))
        continue
      }
      guard option.set(&settings, text) else {
        throw .invalidOption(
          name: name, value: text.oneLine(limit: 80), expected: option.expected)
      }
    }
    for (name, values) in lists {
      guard let option = S.lists.first(where: { $0.name == name }) else { continue }
      guard option.set(&settings, values) else {
        throw .invalidOption(name: name, value: "other numbers", expected: option.expected)
      }
    }
    return others
  }

  /// Refuses lists of others than `S`, but for those that are taken elsewhere.
  func requireLists<S: Settings>(
    of type: S.Type, but others: [String] = []
  ) throws(RecoveryError) {
    for (name, _) in lists
    where !S.lists.contains(where: { $0.name == name }) && !others.contains(name) {
      throw .invalidOption(
        name: "option", value: name, expected: "none of that name for a \(S.owner)")
    }
  }
}

/// The options there are, by whose they are.
enum OptionNames {
  /// A name, and a line for a person.
  typealias Entry = (name: String, help: String)

  /// The names of all that are words or numbers.
  static let words: Set<String> = Set(owners.flatMap { entries(of: $0)?.words ?? [] }.map(\.name))

  /// The names of all that are lists.
  static let lists: Set<String> = Set(owners.flatMap { entries(of: $0)?.lists ?? [] }.map(\.name))

  /// The options of an owner, those that are lists last; nil for a name that is none.
  static func of(_ owner: String) -> [Entry]? { entries(of: owner).map { $0.words + $0.lists } }

  /// Whose options there are.
  static let owners =
    [ProblemSettings.owner, SolveSettings.owner, PathSettings.owner, Portfolio.name]
    + Algorithm.all.map(\.name)

  private static func entries(of owner: String) -> (words: [Entry], lists: [Entry])? {
    func entries<S: Settings>(_ type: S.Type) -> (words: [Entry], lists: [Entry]) {
      (S.options.map { ($0.name, $0.help) }, S.lists.map { ($0.name, $0.help) })
    }
    return switch owner {
    case ProblemSettings.owner: entries(ProblemSettings.self)
    case SolveSettings.owner: entries(SolveSettings.self)
    case PathSettings.owner: entries(PathSettings.self)
    case Portfolio.name: (Portfolio.options.map { ($0.name, $0.help) }, [])
    default: Algorithm.named(owner).map { ($0.options, []) }
    }
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_options_create() -> OpaquePointer? { handle(Options()) }

/// As sparse_recovery.h has it.
@c @implementation
public func sr_options_destroy(_ options: OpaquePointer?) { release(options, as: Options.self) }

/// As sparse_recovery.h has it.
@c @implementation
public func sr_options_set(
  _ options: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: UnsafePointer<CChar>?
) -> Int32 {
  status { () throws(CallError) in
    guard let options else { throw .null("options") }
    guard let name else { throw .null("name") }
    guard let value else { throw .null("value") }
    try object(options, as: Options.self).set(String(cString: name), String(cString: value))
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_options_set_numbers(
  _ options: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ values: UnsafePointer<Double>?,
  _ count: Int64
) -> Int32 {
  status { () throws(CallError) in
    guard let options else { throw .null("options") }
    guard let name else { throw .null("name") }
    guard count >= 0, count <= Int64(Int32.max) else {
      throw .argument("count", "\(count)", "a number from 0 to \(Int32.max)")
    }
    guard values != nil || count == 0 else { throw .null("values") }
    let numbers = Array(UnsafeBufferPointer(start: values, count: Int(count)))
    try object(options, as: Options.self).set(String(cString: name), numbers)
  }
}
