"""What figures say of themselves, and how they are chosen by name."""

import pytest

from models.errors import UserError
from models.evaluate.measures import BY_NAME, MEASURES, chosen, judges, measure_of
from models.evaluate.scorecard import OF_LIKELIHOOD, OF_THE_ASKED


def test_every_figure_says_what_it_means_how_it_is_measured_and_which_way_is_better():
    for measure in MEASURES:
        assert measure.meaning.endswith(".")
        assert measure.protocol.endswith(".")
        for words in (measure.meaning, measure.protocol, measure.direction):
            assert words in measure.told
    assert OF_LIKELIHOOD | OF_THE_ASKED < set(BY_NAME)


def test_the_better_of_two_values_is_the_nearer_one():
    assert BY_NAME["recall"].distance(0.9) < BY_NAME["recall"].distance(0.5)
    assert BY_NAME["class_kl"].distance(0.1) < BY_NAME["class_kl"].distance(0.5)
    diversity = BY_NAME["diversity_within_class"]
    assert diversity.distance(0.9) == pytest.approx(diversity.distance(1.1))
    assert diversity.distance(1.0) < diversity.distance(1.4)


def test_a_likelihood_is_known_by_its_k_and_figures_of_training_do_not_judge():
    assert measure_of("nll_k100") is BY_NAME["nll"]
    assert judges("nll_k5000")
    assert measure_of("neg_elbo").direction == "lower is better"
    assert not judges("neg_elbo")
    assert measure_of("loss_g") is None


def test_figures_are_chosen_by_name_and_unknown_ones_are_told():
    assert chosen("") == frozenset(BY_NAME)
    assert chosen("Diversity, class-kl") == {"diversity_within_class", "class_kl"}
    with pytest.raises(UserError, match=r"no figure 'fid'.*conditional_accuracy"):
        chosen("recall,fid")
