import Arguments
import FoundationEssentials
import Glibc
import SparseRecovery

/// `sea generate`: a random problem with known truth, as files.
struct GenerateCommand {
  /// What `sea generate` understands.
  static let table = Command(
    name: "generate", summary: "Make a random problem with known truth",
    description: """
      Writes A.npy (column order, mapped by 'sea solve'), y.npy, x.npy (the truth) and problem.json \
      into a folder. The same options give the same bits on every machine.
      """,
    examples: [
      Example(
        "A Gaussian matrix of 500 × 5000, 25 nonzero coefficients, 20 dB of noise",
        "sea generate gaussian --rows 500 --columns 5000 -k 25 --snr 20 --seed 7 -o problem"),
      Example(
        "A row of 500 samples in which 20 spikes are blurred",
        "sea generate deconvolution --size 500 --width 3 --sparsity 20 --output spikes"),
    ],
    arguments: [
      Argument(
        "kind", .choice(of: Kind.self),
        help: "The family of the matrix",
        isRequired: true)
    ],
    groups: [
      OptionGroup(
        "Matrix",
        [
          Option(
            "rows", letter: "m", .integer(), placeholder: "m",
            help: "Rows; 500 unless given. Not for deconvolution"),
          Option(
            "columns", letter: "n", .integer(), placeholder: "n",
            help: "Columns; 5000 unless given. Not for deconvolution"),
          Option(
            "size", .integer(), placeholder: "n",
            help: "Samples of a deconvolution; 500 unless given"),
          Option(
            "width", .number(), placeholder: "samples",
            help: """
              Width of the blur of a deconvolution, of a gaussian its standard deviation; \
              3 unless given
              """),
          Option(
            "kernel", .choice(of: BlurKernel.self),
            help: "Shape of the blur of a deconvolution; gaussian unless given"),
          Option(
            "boundary", .choice(of: Boundary.self),
            help: "What happens at the ends of a deconvolution; circulant unless given"),
          Option(
            "rho", .number(), placeholder: "rho",
            help: "Correlation of neighbouring columns of a toeplitz design; 0.5 unless given"),
        ]),
      OptionGroup(
        "Coefficients and noise",
        [
          Option(
            "sparsity", letter: "k", .integer(), placeholder: "k", default: "25",
            help: "Nonzero coefficients"),
          Option(
            "coefficients", .choice(of: CoefficientLaw.self), default: "uniform",
            help: "How they are drawn, with fair signs",
            details: """
              uniform: magnitudes from 1 to 2; gaussian; signs: plus or minus one; decay: 1, 1/2, \
              1/3 and so on.
              """),
          Option(
            "snr", .number(), placeholder: "dB",
            help: "Signal-to-noise ratio in decibels; no noise unless given"),
          Option(
            "seed", .natural, placeholder: "seed", default: "0",
            help: "The name of the random numbers"),
        ]),
      OptionGroup(
        "Output",
        [
          Option(
            "output", letter: "o", .file, placeholder: "folder",
            help: "The folder to write into, made where it is missing", isRequired: true),
          OutputFiles.option,
        ]),
    ])

  /// The families, as they are typed.
  enum Kind: String, CaseIterable {
    case gaussian, deconvolution, toeplitz, bernoulli, uniform, dct
  }

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  func run() throws {
    let folder = arguments.text("output")
    let files = OutputFiles(arguments)
    if FileStatus.isFolder(folder) {
      for name in ["A.npy", "y.npy", "x.npy", "problem.json"] {
        try files.check("\(folder)/\(name)")
      }
    }
    let problem = try SyntheticProblem(try parameters())
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
      throw FileError.cannotWrite(path: folder, reason: String(cString: strerror(errno)))
    }
    let replacing = files.areReplaced
    try MatrixFile.write(.double(problem.matrix), to: "\(folder)/A.npy", replacing: replacing)
    try MatrixFile.write(problem.observation, to: "\(folder)/y.npy", replacing: replacing)
    try MatrixFile.write(problem.truth, to: "\(folder)/x.npy", replacing: replacing)
    try JSONFile.write(
      Description(problem), to: "\(folder)/problem.json", replacing: replacing)
    try Console.write(
      "\(folder): A.npy \(problem.matrix.rows) × \(problem.matrix.columns), y.npy, "
        + "x.npy with \(problem.support.count) nonzero entries, problem.json\n")
  }

  private func parameters() throws -> SyntheticParameters {
    let kind: Kind = arguments.choice("kind")
    try refuseForeignOptions(kind)
    let rows = arguments.int(ifGiven: "rows") ?? 500
    let columns = arguments.int(ifGiven: "columns") ?? 5000
    let ensemble: MatrixEnsemble =
      switch kind {
      case .gaussian: .gaussian(rows: rows, columns: columns)
      case .bernoulli: .bernoulli(rows: rows, columns: columns)
      case .uniform: .uniform(rows: rows, columns: columns)
      case .dct: .dct(rows: rows, columns: columns)
      case .toeplitz:
        .toeplitz(
          rows: rows, columns: columns, correlation: arguments.number(ifGiven: "rho") ?? 0.5)
      case .deconvolution:
        .deconvolution(
          size: arguments.int(ifGiven: "size") ?? 500,
          width: arguments.number(ifGiven: "width") ?? 3,
          kernel: arguments.choice(ifGiven: "kernel") ?? .gaussian,
          boundary: arguments.choice(ifGiven: "boundary") ?? .circulant)
      }
    return SyntheticParameters(
      ensemble: ensemble, sparsity: arguments.int("sparsity"),
      coefficients: arguments.choice("coefficients"), snr: arguments.number(ifGiven: "snr"),
      seed: arguments.natural("seed"))
  }

  /// An option of another family would be ignored, which is hardly what was meant.
  private func refuseForeignOptions(_ kind: Kind) throws(RecoveryError) {
    let blur = ["size", "width", "kernel", "boundary"]
    let foreign =
      switch kind {
      case .gaussian, .bernoulli, .uniform, .dct: blur + ["rho"]
      case .toeplitz: blur
      case .deconvolution: ["rows", "columns", "rho"]
      }
    for name in foreign where arguments.isGiven(name) {
      throw .invalidOption(
        name: "--\(name)", value: "a value", expected: "none for '\(kind)'")
    }
  }
}

/// The contents of problem.json.
private struct Description: Encodable {
  let parameters: SyntheticParameters
  let support: [Int]
  let measuredSnr: Double?

  init(_ problem: SyntheticProblem) {
    parameters = problem.parameters
    support = problem.support
    measuredSnr = problem.snr
  }
}
