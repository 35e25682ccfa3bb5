import Testing

@testable import Arguments

private let required = "--matrix A.npy --observation y.npy --sparsity 3"

@Suite struct UsageErrorTests {
  @Test(arguments: [
    ("slove", "unknown command 'slove'; did you mean 'solve'?"),
    ("gen", "unknown command 'gen'; did you mean 'generate'?"),
    ("paint", "unknown command 'paint'"),
    ("--vresion", "unknown option '--vresion'; did you mean '--version'?"),
    ("-x", "unknown option '-x'"),
    ("solve --spasity 3", "unknown option '--spasity' of 'solve'; did you mean '--sparsity'?"),
    ("solve --iter=3", "unknown option '--iter' of 'solve'; did you mean '--iterations'?"),
    (
      "solve --no-normalise",
      "unknown option '--no-normalise' of 'solve'; did you mean '--no-normalize'?"
    ),
    ("solve --no-json", "unknown option '--no-json' of 'solve'"),
    ("solve -sparsity 3", "unknown option '-s' of 'solve'; did you mean '--sparsity'?"),
    ("solve -qx", "unknown option '-x' of 'solve'"),
    ("solve --matrix", "--matrix: expected the path of a file, found nothing"),
    ("solve -m --json", "-m: expected the path of a file, found nothing"),
    ("solve --sparsity -q", "--sparsity: expected an integer of at least 1, found nothing"),
    ("solve --json=yes", "--json: expected no value, found 'yes'"),
    ("solve -j=yes", "-j: expected no value, found 'yes'"),
    ("solve --no-normalize=1", "--no-normalize: expected no value, found '1'"),
    ("solve -k 0", "-k: expected an integer of at least 1, found '0'"),
    ("solve -k 1.5", "-k: expected an integer of at least 1, found '1.5'"),
    (
      "solve -k 99999999999999999999",
      "-k: expected an integer of at least 1, found '99999999999999999999'"
    ),
    (
      "solve --iterations -1",
      "--iterations: expected an integer from 0 to 1000000, found '-1'"
    ),
    ("solve --step-size=nan", "--step-size: expected a number from 0 to 1000000, found 'nan'"),
    ("solve --shift 1e999", "--shift: expected a number, found '1e999'"),
    ("solve --shift=", "--shift: expected a number, found ''"),
    (
      "solve --backend opncl",
      "--backend: expected one of auto, cpu, opencl, found 'opncl'; did you mean 'opencl'?"
    ),
    (
      "solve -b CPU", "-b: expected one of auto, cpu, opencl, found 'CPU'; did you mean 'cpu'?"
    ),
    ("solve -b tpu9", "-b: expected one of auto, cpu, opencl, found 'tpu9'"),
    ("solve -k 1 --sparsity=2", "--sparsity: given more than once"),
    ("solve --normalize --no-normalize", "--normalize: given more than once"),
    ("solve -m A -k 1", "missing option --observation: expected the path of a file"),
    (
      "generate",
      "missing argument <kind>: expected one of gaussian, deconvolution, toeplitz, bernoulli, dct"
    ),
    (
      "generate toplitz",
      "<kind>: expected one of gaussian, deconvolution, toeplitz, bernoulli, dct, found 'toplitz'; "
        + "did you mean 'toeplitz'?"
    ),
    ("generate dct out more", "unexpected argument 'more' of 'generate'"),
    ("solve \(required) -- --json", "unexpected argument '--json' of 'solve'"),
  ])
  func message(line: String, expected: String) {
    let error = #expect(throws: UsageError.self) { _ = try parse(line) }
    #expect(error?.description == expected)
  }

  @Test func aNeedIsSaid() {
    let error = UsageError.idleOption(option: "--folds", needed: "--criterion cv")
    #expect(error.description == "--folds: needs --criterion cv")
  }

  @Test func factsAreCarried() {
    #expect(throws: UsageError.repeatedOption(option: "--sparsity")) {
      _ = try parse("solve -k 1 -k 1")
    }
  }

  @Test(arguments: ["a\nb", "a\u{1B}[31mb", "\r", "\u{2028}", "a\u{85}b"])
  func messagesAreOneLine(text: String) {
    let error = #expect(throws: UsageError.self) { _ = try fixture.parse([text]) }
    let controls = error?.description.unicodeScalars.filter {
      $0.value < 32 || $0.properties.isWhitespace && $0 != " "
    }
    #expect(controls?.isEmpty == true)
  }

  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "acb", 1),
    ("kitten", "sitting", 3), ("ca", "abc", 3), ("sparsity", "spasity", 1),
  ])
  func distances(a: String, b: String, expected: Int) {
    #expect(editDistance(a, b) == expected)
    #expect(editDistance(b, a) == expected)
  }
}
