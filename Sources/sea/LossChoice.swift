import Arguments
import Losses
import SparseRecovery

/// What is minimised, as asked for on the command line.
struct LossChoice {
  /// The options that say it.
  static let options = [
    Option(
      "loss", .choice(of: LossName.self), default: LossName.squares.rawValue,
      help: "What is minimised: least squares, or a loss for labels, with outliers, or for counts",
      details: """
        logistic: y holds 0 and 1, two other numbers or, in a table, two words. poisson: y holds counts, whose mean is \
        e^(Ax + b). huber: squares up to --huber-threshold, lines beyond. docs/losses.md has the formulas.
        """),
    Option(
      "huber-threshold", .number(.leastNormalMagnitude...(.greatestFiniteMagnitude)),
      placeholder: "delta",
      help: "With --loss huber, the residual from which on it grows as a line, in units of y",
      details: "1.345 standard deviations of the noise is usual."),
  ]

  /// The name; squares for a command that does not ask.
  let name: LossName
  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) {
    self.arguments = arguments
    let isAsked = arguments.command.options.contains { $0.name == "loss" }
    name = isAsked ? arguments.choice("loss") : .squares
  }

  /// The loss.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` where a threshold is missing.
  func loss() throws(RecoveryError) -> any Loss {
    let threshold = name == .huber ? arguments.number(ifGiven: "huber-threshold") : nil
    return try name.loss(threshold: threshold, dashes: "--")
  }

  /// Refuses an algorithm that minimises squares alone where another loss is asked for.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` with all that can.
  func require(_ algorithm: String, option: String) throws(RecoveryError) {
    guard name != .squares, Algorithm.named(algorithm) != nil,
      !Algorithm.namesForAnyLoss.contains(algorithm)
    else { return }
    throw .invalidOption(
      name: option, value: algorithm,
      expected: "with --loss \(name.rawValue) one of "
        + Algorithm.namesForAnyLoss.joined(separator: ", "))
  }
}

/// A loss other than least squares, as files name it.
struct NamedLoss: Codable {
  /// As `--loss` has it.
  let name: String
  /// Of Huber's loss.
  let threshold: Double?
  /// What the labels of logistic regression stand for, where they are not 0 and 1.
  let labels: BinaryLabels?

  /// Nil for least squares.
  init?(_ loss: any Loss, labels: BinaryLabels?) {
    guard !(loss is SquaredLoss) else { return nil }
    name = loss.name
    threshold = (loss as? HuberLoss)?.threshold
    self.labels = labels
  }

  /// The loss, or nil where a file names another one.
  var loss: (any Loss)? {
    guard let known = LossName(rawValue: name), known != .squares else { return nil }
    return try? known.loss(threshold: threshold)
  }

  /// For a person.
  var sentence: String {
    name + (threshold.map { ", threshold \($0.significant(6))" } ?? "")
  }
}
