#include <algorithm>
#include <initializer_list>
#include <iostream>
#include <stdexcept>
#include <vector>

template <typename T>
class Matrix {
public:
    Matrix(std::size_t rows, std::size_t columns, T value = T{})
        : rows_(rows), columns_(columns), values_(rows * columns, value) {}

    Matrix(std::initializer_list<std::initializer_list<T>> rows)
        : rows_(rows.size()), columns_(rows.begin()->size()) {
        values_.reserve(rows_ * columns_);
        for (const auto& row : rows) {
            if (row.size() != columns_) {
                throw std::invalid_argument("rows differ in length");
            }
            values_.insert(values_.end(), row.begin(), row.end());
        }
    }

    std::size_t rows() const { return rows_; }
    std::size_t columns() const { return columns_; }

    T& operator()(std::size_t row, std::size_t column) { return values_[row * columns_ + column]; }
    const T& operator()(std::size_t row, std::size_t column) const { return values_[row * columns_ + column]; }

    Matrix transposed() const {
        Matrix result(columns_, rows_);
        for (std::size_t i = 0; i < rows_; ++i) {
            for (std::size_t j = 0; j < columns_; ++j) {
                result(j, i) = (*this)(i, j);
            }
        }
        return result;
    }

    friend Matrix operator*(const Matrix& a, const Matrix& b) {
        if (a.columns_ != b.rows_) {
            throw std::invalid_argument("shapes do not match");
        }
        Matrix product(a.rows_, b.columns_);
        for (std::size_t i = 0; i < a.rows_; ++i) {
            for (std::size_t k = 0; k < a.columns_; ++k) {
                for (std::size_t j = 0; j < b.columns_; ++j) {
                    product(i, j) += a(i, k) * b(k, j);
                }
            }
        }
        return product;
    }

private:
    std::size_t rows_;
    std::size_t columns_;
    std::vector<T> values_;
};

int main() {
    Matrix<double> a{{1, 2}, {3, 4}};
    Matrix<double> product = a * a.transposed();
    for (std::size_t i = 0; i < product.rows(); ++i) {
        for (std::size_t j = 0; j < product.columns(); ++j) {
            std::cout << product(i, j) << (j + 1 < product.columns() ? ' ' : '\n');
        }
    }
}
