public import SparseCore

/// An option of a solver by its name, as a command line, a file or another language gives it: as text.
public struct SolverOption<S>: Sendable {
  /// The name, in lower case, its words separated by hyphens.
  public let name: String
  /// What may be given, for a message: `a number of at least 1`.
  public let expected: String
  /// One line for a person.
  public let help: String
  /// Sets it; false for a text that it cannot be.
  package let set: @Sendable (inout S, String) -> Bool

  /// An option with a rule of its own.
  ///
  /// - Parameter set: sets it, or says with false that the text is nothing it can be.
  public init(
    _ name: String, _ help: String, expected: String,
    set: @escaping @Sendable (inout S, String) -> Bool
  ) {
    (self.name, self.help, self.expected, self.set) = (name, help, expected, set)
  }

  /// An option that is stored at `path`, where `parse` makes anything of the text.
  private init<Value: Sendable>(
    _ name: String, _ help: String, expected: String,
    _ path: any (WritableKeyPath<S, Value> & Sendable),
    parse: @escaping @Sendable (String) -> Value?
  ) {
    self.init(name, help, expected: expected) { solver, text in
      guard let value = parse(text) else { return false }
      solver[keyPath: path] = value
      return true
    }
  }

  /// A number of things, of at least `least` and at most `most`.
  public init(
    _ name: String, _ help: String, _ path: any (WritableKeyPath<S, Int> & Sendable),
    atLeast least: Int = 1, atMost most: Int = .max
  ) {
    self.init(name, help, expected: Self.range(least, most), path) {
      Int($0).flatMap { $0 >= least && $0 <= most ? $0 : nil }
    }
  }

  /// A number of things that has a rule of its own where it is not given.
  public init(
    _ name: String, _ help: String, _ path: any (WritableKeyPath<S, Int?> & Sendable),
    atLeast least: Int = 1, atMost most: Int = .max
  ) {
    // The type says which nil refuses the text: the outer one.
    self.init(name, help, expected: Self.range(least, most), path) { text -> Int?? in
      guard let value = Int(text), value >= least, value <= most else { return nil }
      return .some(value)
    }
  }

  private static func range(_ least: Int, _ most: Int) -> String {
    most == .max ? "a number of at least \(least)" : "a number from \(least) to \(most)"
  }

  /// A step size, which has a rule of its own where it is not given.
  public init(_ name: String, _ help: String, _ path: any (WritableKeyPath<S, Double?> & Sendable))
  {
    self.init(name, help, expected: "a finite number above 0", path) { text -> Double?? in
      guard let value = Double(text), value > 0, value.isFinite else { return nil }
      return .some(value)
    }
  }

  /// A number from 0 up to 1.
  public init(
    _ name: String, _ help: String, fraction path: any (WritableKeyPath<S, Double> & Sendable)
  ) {
    self.init(name, help, expected: "a number from 0 up to 1", path) {
      Double($0).flatMap { $0 >= 0 && $0 < 1 ? $0 : nil }
    }
  }

  /// What random numbers are drawn from.
  public init(
    _ name: String, _ help: String, seed path: any (WritableKeyPath<S, UInt64> & Sendable)
  ) {
    self.init(name, help, expected: "a whole number of at least 0", path) { UInt64($0) }
  }

  /// Yes or no.
  public init(_ name: String, _ help: String, _ path: any (WritableKeyPath<S, Bool> & Sendable)) {
    self.init(name, help, expected: "true or false", path) { Bool($0) }
  }

  /// One of several words.
  public init<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ help: String, choice path: any (WritableKeyPath<S, Choice> & Sendable)
  ) {
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    self.init(name, help, expected: "one of \(words)", path) { Choice(rawValue: $0) }
  }
}

extension SolverOption where S: ResumableSolver {
  /// The solver to start from, by its name; it has the limits of the one that starts.
  public init(start set: @escaping @Sendable (inout S, any Solver) -> Void) {
    self.init(
      "start", "the algorithm to start from", expected: "the name of an algorithm"
    ) { solver, text in
      guard text != S.name, let algorithm = Algorithm.named(text) else { return false }
      set(&solver, algorithm.solver(solver.limits))
      return true
    }
  }
}

extension Solver {
  /// None.
  public static var options: [SolverOption<Self>] { [] }

  /// Whether it has an option of this name.
  public static func has(option name: String) -> Bool { options.contains { $0.name == name } }

  /// Sets an option by its name.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a name that it has not, and for what the
  ///   option cannot be.
  public mutating func set(_ name: String, to text: String) throws(RecoveryError) {
    guard let option = Self.options.first(where: { $0.name == name }) else {
      let names = Self.options.map(\.name).joined(separator: ", ")
      throw .invalidOption(
        name: "option", value: name,
        expected: names.isEmpty
          ? "none with \(Self.name), which has no options" : "one of \(Self.name): \(names)")
    }
    guard option.set(&self, text) else {
      throw .invalidOption(name: name, value: text, expected: option.expected)
    }
  }
}
