% Solves from Octave or MATLAB, through sparse_recovery_mex.c.
rand('seed', 1);
A = rand(100, 400) - 0.5;
y = 2 * A(:, 8) - A(:, 71) + 3 * A(:, 301) + 1;
x = sparse_recovery_mex(A, y, 3, 'intercept', 'true', 'algorithm', 'sea');
disp(find(x)'), disp(x(find(x))')
assert(isequal(find(x)', [8 71 301]))

% How many columns? Every number of them, and the extended BIC.
noise = 0.1 * (rand(100, 2) - 0.5);
[X, chosen, criterion] = sparse_recovery_mex(A, y + noise(:, 1), [1 6], 'intercept', 'true', ...
                                             'criterion', 'ebic', 'effort', 'quick');
disp(criterion), disp(find(X(:, chosen))')
[~, smallest] = min(criterion);
assert(chosen == smallest && isequal(find(X(:, chosen))', [8 71 301]))

% One support for several observations.
Y = [y, A(:, [8 71 301]) * [-1; 2; 0.5]] + noise;
X = sparse_recovery_mex(A, Y, 3, 'intercept', 'true', 'joint', 'true');
disp(find(any(X, 2))')
assert(isequal(find(X(:, 1))', [8 71 301]) && isequal(X(:, 1) ~= 0, X(:, 2) ~= 0))
[X, chosen] = sparse_recovery_mex(A, Y, [1 5], 'intercept', 'true', 'effort', 'quick');
assert(isequal(size(X), [400 10]) && chosen == 3)

% Labels instead of numbers, some of them wrong: logistic regression.
labels = double(xor(y > 1, mod((1:100)', 12) == 0));
x = sparse_recovery_mex(A, labels, 3, 'intercept', 'true', 'loss', 'logistic');
assert(x(301) > 0 && nnz(x) == 3)

% Complex numbers: waves from three directions at an array of 32 antennas.
waves = exp(1i * pi * (0:31)' * sin((-90:90) * pi / 180));
x = sparse_recovery_mex(waves, waves(:, [60 71 140]) * [1; -0.5i; 2], 3);
disp(find(x)'), disp(x(find(x)).')
assert(isequal(find(x)', [60 71 140]) && max(abs(x([60 71 140]) - [1; -0.5i; 2])) < 1e-9)

refused = '';
try
  sparse_recovery_mex(A, y, 401);
catch problem
  refused = problem.message;
end
assert(~isempty(strfind(refused, 'expected a sparsity from 1 to 400')))
